/* Ultimate tic-tac-toe: exact search near the end, Monte Carlo tree search before. Cells: board * 9 + spot. */
#include "engine.h"

enum { CELLS = 81, ALL = 0x1FF, ANY = 9, MAX_NODES = 1 << 19, EXPAND_AT = 2 };

typedef struct {
    uint16_t mask[2][9]; /* the stones on each small board */
    uint16_t won[2];     /* the small boards won */
    uint16_t closed;     /* won or full */
    uint8_t target;      /* the board to play on, or ANY */
} State;

static uint16_t wins_with[512]; /* spots that complete a line of a mask */
static uint8_t has_line[512];
static State root;
static int horizon;

EXPORT(ultimate_setup) void ultimate_setup(void) {
    static const uint16_t lines[8] = {7, 56, 448, 73, 146, 292, 273, 84};
    __builtin_memset(&root, 0, sizeof root);
    root.target = ANY;
    for (int mask = 0; mask < 512; mask++) {
        has_line[mask] = 0, wins_with[mask] = 0;
        for (int i = 0; i < 8; i++) {
            uint16_t missing = lines[i] & ~mask;
            if (!missing) has_line[mask] = 1;
            if (missing && !(missing & (missing - 1))) wins_with[mask] |= missing;
        }
    }
}

/* Stones in any order; then the last one taken decides where to play. */
EXPORT(ultimate_put) void ultimate_put(int cell, int side) { root.mask[side][cell / 9] |= 1 << cell % 9; }

EXPORT(ultimate_last) void ultimate_last(int cell) {
    for (int board = 0; board < 9; board++) {
        for (int side = 0; side < 2; side++)
            if (has_line[root.mask[side][board]]) root.won[side] |= 1 << board;
        if ((root.won[0] | root.won[1]) >> board & 1 || (root.mask[0][board] | root.mask[1][board]) == ALL)
            root.closed |= 1 << board;
    }
    root.target = cell < 0 || root.closed >> cell % 9 & 1 ? ANY : cell % 9;
}

/* Takes a cell: 1 if that wins the game, 2 if it ends in a draw, else 0. */
static inline int play(State *state, int board, int spot, int side) {
    uint16_t mine = state->mask[side][board] |= 1 << spot;
    if (has_line[mine]) {
        state->won[side] |= 1 << board, state->closed |= 1 << board;
        if (has_line[state->won[side]]) return 1;
    } else if ((mine | state->mask[1 - side][board]) == ALL)
        state->closed |= 1 << board;
    if (state->closed == ALL) return 2;
    state->target = state->closed >> spot & 1 ? ANY : spot;
    return 0;
}

static inline uint16_t boards_of(const State *state) {
    return state->target == ANY ? ALL & ~state->closed : 1 << state->target;
}

static inline uint16_t free_spots(const State *state, int board) {
    return ALL & ~(state->mask[0][board] | state->mask[1][board]);
}

static int list_moves(const State *state, uint8_t out[CELLS]) {
    int found = 0;
    for (uint16_t boards = boards_of(state); boards; boards &= boards - 1) {
        int board = __builtin_ctz(boards);
        for (uint16_t spots = free_spots(state, board); spots; spots &= spots - 1)
            out[found++] = board * 9 + __builtin_ctz(spots);
    }
    return found;
}

static uint64_t hash_of(const State *state, int side) {
    uint64_t hash = key_of(MAX_CELLS + side, state->target & 1) ^ (uint64_t)state->target * 0x9E3779B97F4A7C15ull;
    for (int board = 0; board < 9; board++) {
        if (state->closed >> board & 1) { /* who won it is all that matters */
            int owner = state->won[0] >> board & 1 ? 0 : state->won[1] >> board & 1 ? 1 : 2;
            hash ^= (uint64_t)(owner + 1) * 0xD1B54A32D192ED03ull << board * 3;
            hash = hash * 0xBF58476D1CE4E5B9ull ^ hash >> 29;
        } else {
            hash ^= (uint64_t)(state->mask[0][board] | state->mask[1][board] << 9 | 1 << 18);
            hash = hash * 0x94D049BB133111EBull ^ hash >> 31;
        }
    }
    return hash;
}

/* Cells that are left to play on. */
static int open_cells(const State *state) {
    int sum = 0;
    for (int board = 0; board < 9; board++)
        if (!(state->closed >> board & 1)) sum += __builtin_popcount(free_spots(state, board));
    return sum;
}

/* Exact negamax to a depth. */
static int search(const State *state, int depth, int alpha, int beta, int ply, int side) {
    if (tick()) return 0;
    if (depth <= 0) {
        horizon = 1;
        return 0;
    }
    uint64_t here = hash_of(state, side);
    Entry *entry = entry_of(here);
    int first = -1, before = horizon;
    if (entry) {
        first = entry->move;
        int score = stored_score(entry, ply);
        if (settles(entry, score, depth, alpha, beta)) {
            if (entry->depth != 255) horizon = 1;
            return score;
        }
    }
    uint8_t list[CELLS];
    int found = list_moves(state, list), best = -WIN, start = alpha, chosen = -1;
    for (int i = 1; i < found; i++) /* what wins a board first, and what was best before that */
        if (list[i] == first || (wins_with[state->mask[side][list[i] / 9]] >> list[i] % 9 & 1 && list[0] != first)) {
            uint8_t held = list[0];
            list[0] = list[i], list[i] = held;
        }
    horizon = 0;
    for (int i = 0; i < found; i++) {
        State next = *state;
        int end = play(&next, list[i] / 9, list[i] % 9, side);
        int score = end == 1   ? WIN - (ply + 1)
                    : end == 2 ? 0
                               : -search(&next, depth - 1, -beta, -alpha, ply + 1, 1 - side);
        if (stopped) break;
        if (score > best) best = score, chosen = list[i];
        if (score > alpha) alpha = score;
        if (alpha >= beta) break;
    }
    if (!stopped) {
        store(here, best, ply, chosen, horizon ? depth : 255, bound_of(best, start, beta));
    }
    horizon |= before;
    return best;
}

/* True when every move that matters is proven. all: when every move is. */
static int solve(int side, int all, int limit) {
    int whole = node_limit, done = 0;
    if (nodes + limit < node_limit) node_limit = nodes + limit;
    for (int depth = 1; depth <= open_cells(&root) && !stopped && !done; depth++) {
        int alpha = -WIN, open = 0;
        for (int i = 0; i < move_count && !stopped; i++) {
            Move *move = &moves[i];
            if (move->known >= OUTCOME) {
                if (move->score > alpha) alpha = move->score;
                continue;
            }
            State next = root;
            int end = play(&next, move->cell / 9, move->cell % 9, side), floor = all ? -WIN : alpha;
            horizon = 0;
            int score = end == 1 ? WIN - 1 : end ? 0 : -search(&next, depth - 1, -WIN, -floor, 1, 1 - side);
            if (stopped) break;
            move->score = score;
            if ((all || score > floor || floor == -WIN) && (score > PROVEN || score < -PROVEN || !horizon))
                move->known = score ? DISTANCE : OUTCOME;
            else
                open |= horizon || all;
            if (score > alpha) alpha = score;
        }
        if (stopped) break;
        sort_moves();
        done = !open || (!all && alpha > PROVEN);
    }
    stopped = nodes >= whole;
    node_limit = whole;
    return done;
}

typedef struct {
    int32_t child, visits;
    float sum; /* for the side that moved into the node: 1 a win, 0 a draw, -1 a loss */
    int8_t proven, count;
    uint8_t cell, end;
} Node;
enum { OPEN, WON, LOST, DRAWN };

static Node tree[MAX_NODES];
static int tree_size;

static float root_of(float value) { return __builtin_sqrtf(value); }

/* Natural logarithm, good to three digits, the same on every machine. */
static float log_of(float value) {
    union {
        float f;
        uint32_t u;
    } bits = {value};
    int exponent = (int)(bits.u >> 23) - 127;
    bits.u = (bits.u & 0x7FFFFF) | 127u << 23;
    float m = bits.f;
    return 0.6931472f * exponent + (-1.7417939f + (2.8212026f + (-1.4699568f + (0.44717955f - 0.056570851f * m) * m) * m) * m);
}

/* The result of a game of mostly chance: 1 if `side`, who is to move, wins, 0 drawn, -1 lost. */
static float playout(State state, int side) {
    for (int turn = side;; turn = 1 - turn) {
        uint16_t boards = boards_of(&state), game = wins_with[state.won[turn]] & boards;
        int board = -1, spot = -1;
        for (uint16_t rest = game ? game : boards; rest && spot < 0; rest &= rest - 1) {
            int at = __builtin_ctz(rest);
            uint16_t good = wins_with[state.mask[turn][at]] & free_spots(&state, at);
            if (good) board = at, spot = __builtin_ctz(good);
        }
        if (spot < 0) {
            for (int skip = below(__builtin_popcount(boards)); skip; skip--) boards &= boards - 1;
            board = __builtin_ctz(boards);
            uint16_t spots = free_spots(&state, board);
            for (int skip = below(__builtin_popcount(spots)); skip; skip--) spots &= spots - 1;
            spot = __builtin_ctz(spots);
        }
        int end = play(&state, board, spot, turn);
        if (end) return end == 2 ? 0 : turn == side ? 1 : -1;
    }
}

static void expand(Node *node, const State *state, int side) {
    uint8_t list[CELLS];
    int found = list_moves(state, list);
    if (tree_size + found > MAX_NODES) return;
    node->child = tree_size, node->count = found;
    for (int i = 0; i < found; i++) {
        State next = *state;
        int end = play(&next, list[i] / 9, list[i] % 9, side);
        tree[tree_size++] = (Node){0, 0, 0, end == 1 ? WON : end == 2 ? DRAWN : OPEN, 0, list[i], end};
    }
}

/* What the children prove: a move that wins, or that every move is settled. For the side that moved here. */
static void prove(Node *node) {
    int open = 0, drawn = 0;
    for (int i = 0; i < node->count; i++) {
        int proven = tree[node->child + i].proven;
        if (proven == WON) {
            node->proven = LOST;
            return;
        }
        open |= proven == OPEN, drawn |= proven == DRAWN;
    }
    if (!open && node->count) node->proven = drawn ? DRAWN : WON;
}

static Node *pick(const Node *node) {
    Node *best = 0;
    float top = -1e9f, log = log_of(node->visits + 1.0f);
    for (int i = 0; i < node->count; i++) {
        Node *child = &tree[node->child + i];
        if (child->proven == LOST) continue;
        float value = child->proven == DRAWN ? 0
                      : child->visits        ? child->sum / child->visits + 0.9f * root_of(log / child->visits)
                                             : 1000.0f + (float)(chance() >> 40) * 1e-6f;
        if (value > top) top = value, best = child;
    }
    return best ? best : &tree[node->child];
}

static void grow(int side) {
    Node *path[CELLS + 1];
    State state = root;
    int depth = 0, turn = side;
    path[0] = &tree[0];
    while (path[depth]->count) {
        Node *child = pick(path[depth]);
        play(&state, child->cell / 9, child->cell % 9, turn);
        turn = 1 - turn, path[++depth] = child;
        if (child->proven != OPEN) break;
    }
    Node *leaf = path[depth];
    if (leaf->proven == OPEN && !leaf->count && leaf->visits + 1 >= EXPAND_AT) {
        expand(leaf, &state, turn);
        prove(leaf);
    }
    float result = leaf->proven == WON     ? 1
                   : leaf->proven == LOST  ? -1
                   : leaf->proven == DRAWN ? 0
                                           : -playout(state, turn);
    for (; depth >= 0; depth--, result = -result) {
        path[depth]->visits++, path[depth]->sum += result;
        if (depth && path[depth]->proven != OPEN && path[depth - 1]->proven == OPEN) prove(path[depth - 1]);
    }
}

static void follow_tree(Move *move, const Node *node) {
    int at = 1;
    while (node->count && at < LINE_LENGTH - 1) {
        const Node *best = &tree[node->child];
        for (int i = 1; i < node->count; i++) {
            const Node *child = &tree[node->child + i];
            if ((child->proven == WON && best->proven != WON) || (best->proven != WON && child->visits > best->visits))
                best = child;
        }
        if (best->visits < 8 && best->proven != WON) break;
        move->line[at++] = best->cell, node = best;
    }
    move->line[at] = -1;
}

/* The best answers that the table of the exact search knows. */
static void follow_table(Move *move, int side) {
    State state = root;
    int at = 1, end = play(&state, move->cell / 9, move->cell % 9, side);
    while (!end && at < LINE_LENGTH - 1) {
        side = 1 - side;
        Entry *entry = entry_of(hash_of(&state, side));
        if (!entry || entry->move < 0 || !(boards_of(&state) >> entry->move / 9 & 1) ||
            !(free_spots(&state, entry->move / 9) >> entry->move % 9 & 1))
            break;
        move->line[at++] = entry->move;
        end = play(&state, entry->move / 9, entry->move % 9, side);
    }
    move->line[at] = -1;
}

/* The moves, best first. playouts: for the estimates; each counts as one node. */
EXPORT(ultimate_study) void ultimate_study(int side, int playouts, int limit, int all, int exact) {
    uint8_t list[CELLS];
    int found = list_moves(&root, list), open = open_cells(&root);
    nodes = 0, node_limit = limit, stopped = 0, move_count = 0, tree_size = 1;
    for (int i = 0; i < found; i++) add_move(list[i], UNKNOWN, -i);
    if (exact) {
        forget();
        int done = solve(side, all, open <= 30 ? limit / 2 : limit / 16);
        for (int i = 0; i < move_count; i++) {
            moves[i].estimate = ((moves[i].score > 0) - (moves[i].score < 0)) * 1000000;
            if (moves[i].known >= OUTCOME) follow_table(&moves[i], side);
        }
        if (done) return;
    }
    tree[0] = (Node){0};
    expand(&tree[0], &root, side);
    for (int i = 0; i < playouts && tree[0].proven == OPEN && !tick(); i++) grow(side);
    for (int i = 0; i < move_count; i++) {
        Move *move = &moves[i];
        if (move->known >= OUTCOME) continue;
        for (int j = 0; j < tree[0].count; j++) {
            const Node *child = &tree[1 + j];
            if (child->cell != move->cell) continue;
            float mean = child->visits ? child->sum / child->visits : -1;
            move->known = child->proven == OPEN ? ESTIMATE : OUTCOME;
            move->score = child->proven == WON    ? PROVEN + 1
                          : child->proven == LOST ? -PROVEN - 1
                                                  : child->visits;
            move->estimate = child->proven == WON     ? 1000000
                             : child->proven == LOST  ? -1000000
                             : child->proven == DRAWN ? 0
                                                      : (int)(mean * 999999);
            follow_tree(move, child);
        }
    }
    sort_moves();
}
