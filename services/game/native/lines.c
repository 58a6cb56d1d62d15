/* m,n,k games: boards, threats, alpha-beta. A window is k cells in a row: who fills one wins. */
#include "engine.h"

enum { MAX_WINDOWS = 900, MAX_THROUGH = 60, MAX_PLY = 64, FULL = 0 };

static int columns, rows, k, cells, empty_count;
static int window_count;
static int16_t window[MAX_WINDOWS][15];
static int16_t through[MAX_CELLS][MAX_THROUGH];
static int through_count[MAX_CELLS];
static int8_t stone[MAX_CELLS]; /* -1: free */
static uint8_t count[2][MAX_WINDOWS];
static int live[2];   /* windows without a stone of the other side */
static int almost[2]; /* of these, the ones that miss one stone */
static int worth[2];
static int16_t near[MAX_CELLS]; /* stones at most two cells away */
static int16_t middle[MAX_CELLS];
static uint64_t hash;
static int horizon; /* something was cut off by depth */

/* By how many stones a window misses. */
static int weight[17];
static const int WEIGHT[17] = {0, 600, 130, 28, 6, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const int GAIN[17] = {100000, 900, 150, 30, 7, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static void add_windows(int dx, int dy) {
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            int end_x = x + dx * (k - 1), end_y = y + dy * (k - 1);
            if (end_x < 0 || end_x >= columns || end_y >= rows) continue;
            for (int i = 0; i < k; i++) {
                int cell = (y + dy * i) * columns + x + dx * i;
                window[window_count][i] = cell;
                through[cell][through_count[cell]++] = window_count;
            }
            window_count++;
        }
}

EXPORT(lines_setup) void lines_setup(int m, int n, int in_a_row) {
    columns = m, rows = n, k = in_a_row, cells = m * n;
    window_count = 0, hash = 0, empty_count = cells;
    for (int i = 0; i < 17; i++) weight[i] = i < k ? WEIGHT[i] : 0;
    for (int cell = 0; cell < cells; cell++) {
        int dx = 2 * (cell % columns) - (columns - 1), dy = 2 * (cell / columns) - (rows - 1);
        through_count[cell] = 0, stone[cell] = -1, near[cell] = 0;
        middle[cell] = 60 - ((dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy));
    }
    add_windows(1, 0);
    if (k > 1) add_windows(0, 1), add_windows(1, 1), add_windows(-1, 1);
    for (int side = 0; side < 2; side++) {
        live[side] = window_count, worth[side] = 0, almost[side] = k == 1 ? window_count : 0;
        for (int w = 0; w < window_count; w++) count[side][w] = 0;
    }
}

static void count_near(int cell, int by) {
    int x = cell % columns, y = cell / columns;
    for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2; dx <= 2; dx++)
            if (x + dx >= 0 && x + dx < columns && y + dy >= 0 && y + dy < rows)
                near[(y + dy) * columns + x + dx] += by;
}

/* Takes a cell; true if that wins. */
static int put(int cell, int side) {
    int won = 0, other = 1 - side;
    for (int i = 0; i < through_count[cell]; i++) {
        int w = through[cell][i], mine = count[side][w], theirs = count[other][w];
        if (!theirs) {
            worth[side] += weight[k - mine - 1] - weight[k - mine];
            almost[side] += (k - mine - 1 == 1) - (k - mine == 1);
            won |= mine + 1 == k;
        }
        if (!mine) {
            live[other]--;
            worth[other] -= weight[k - theirs];
            almost[other] -= k - theirs == 1;
        }
        count[side][w]++;
    }
    stone[cell] = side, hash ^= key_of(cell, side), empty_count--;
    count_near(cell, 1);
    return won;
}

static void take_back(int cell, int side) {
    int other = 1 - side;
    for (int i = 0; i < through_count[cell]; i++) {
        int w = through[cell][i], mine = --count[side][w], theirs = count[other][w];
        if (!theirs) {
            worth[side] -= weight[k - mine - 1] - weight[k - mine];
            almost[side] -= (k - mine - 1 == 1) - (k - mine == 1);
        }
        if (!mine) {
            live[other]++;
            worth[other] += weight[k - theirs];
            almost[other] += k - theirs == 1;
        }
    }
    stone[cell] = -1, hash ^= key_of(cell, side), empty_count++;
    count_near(cell, -1);
}

EXPORT(lines_put) int lines_put(int cell, int side) { return put(cell, side); }

static int free_cell(int w, int skip) {
    for (int i = 0; i < k; i++)
        if (stone[window[w][i]] < 0 && window[w][i] != skip) return window[w][i];
    return -1;
}

/* Different cells that would win for `side`, at most two. */
static int winning_cells(int side, int out[2]) {
    int found = 0;
    for (int w = 0; w < window_count && almost[side]; w++)
        if (count[side][w] == k - 1 && !count[1 - side][w]) {
            int cell = free_cell(w, -1);
            if (found && out[0] == cell) continue;
            out[found++] = cell;
            if (found == 2) break;
        }
    return found;
}

/* How much a stone there builds and spoils. */
static int promise(int cell, int side) {
    int sum = 0;
    for (int i = 0; i < through_count[cell]; i++) {
        int w = through[cell][i], mine = count[side][w], theirs = count[1 - side][w];
        if (!theirs) sum += 3 * GAIN[k - 1 - mine];
        if (!mine) sum += 2 * GAIN[k - 1 - theirs];
    }
    return sum * 64 + middle[cell];
}

/* Free cells, the most promising first. width FULL: all of them; else at most so many, near the stones. */
static int candidates(int side, int width, int16_t out[MAX_CELLS]) {
    static int scores[MAX_PLY][MAX_CELLS];
    static int level;
    int *score = scores[level++ % MAX_PLY], found = 0;
    for (int cell = 0; cell < cells; cell++) {
        if (stone[cell] >= 0 || (width && !near[cell] && empty_count < cells)) continue;
        int value = promise(cell, side), at = found;
        if (width && found == width) {
            if (value <= score[found - 1]) continue;
            at = found - 1;
        } else
            found++;
        for (; at && score[at - 1] < value; at--) score[at] = score[at - 1], out[at] = out[at - 1];
        score[at] = value, out[at] = cell;
    }
    level--;
    if (width && !found) return candidates(side, FULL, out);
    return found;
}

/* Threats alone: `side` wins by moves that each leave the other one single answer. Fills `line`; 1 if it wins. */
static int win_by_threats(int side, int depth, int *budget, int16_t *line, int length) {
    int other = 1 - side, cell[2], must = -1;
    if ((*budget)-- <= 0 || tick()) return 0;
    if (almost[side]) {
        if (length < LINE_LENGTH - 1) line[length + 1] = -1;
        winning_cells(side, cell);
        if (length < LINE_LENGTH) line[length] = cell[0];
        return 1;
    }
    if (!depth) return 0;
    if (almost[other]) {
        if (winning_cells(other, cell) > 1) return 0;
        must = cell[0];
    }
    for (int w = 0; w < window_count; w++) {
        if (count[side][w] != k - 2 || count[other][w]) continue;
        for (int which = 0; which < 2; which++) {
            int first = free_cell(w, -1), at = which ? free_cell(w, first) : first;
            if (at < 0 || (must >= 0 && at != must)) continue;
            put(at, side);
            int answers = winning_cells(side, cell), won = 0;
            if (length < LINE_LENGTH) line[length] = at;
            if (!almost[other]) {
                won = answers > 1;
                if (answers && length + 1 < LINE_LENGTH) line[length + 1] = cell[0];
                if (won && length + 2 < LINE_LENGTH) line[length + 2] = cell[1];
                if (won && length + 3 < LINE_LENGTH) line[length + 3] = -1;
                if (answers == 1) {
                    int answer = cell[0];
                    put(answer, other);
                    won = win_by_threats(side, depth - 1, budget, line, length + 2);
                    take_back(answer, other);
                }
            }
            take_back(at, side);
            if (won) return 1;
        }
    }
    return 0;
}

/* Negamax. width FULL: exact, nothing but depth is cut; else the most promising moves and an estimate at the end. */
static int search(int depth, int alpha, int beta, int ply, int side, int width) {
    int other = 1 - side, cell[2], forced = -1, before = horizon;
    if (tick()) return 0;
    if (almost[side]) return WIN - (ply + 1);
    if (almost[other]) {
        if (winning_cells(other, cell) > 1) return -(WIN - (ply + 2));
        forced = cell[0];
    }
    if (!live[side] && beta > 0) beta = 0;
    if (!live[other] && alpha < 0) alpha = 0;
    if (alpha >= beta || (!live[0] && !live[1])) return 0;
    if (depth <= 0 && (width == FULL || forced < 0 || ply > MAX_PLY - 4)) {
        horizon = 1;
        if (width == FULL) return 0;
        int value = worth[side] * 5 / 4 - worth[other];
        return value > 400000 ? 400000 : value < -400000 ? -400000 : value;
    }
    uint64_t here = hash ^ key_of(MAX_CELLS, side) ^ (width ? key_of(MAX_CELLS + 1, 0) : 0);
    Entry *entry = entry_of(here);
    int best_cell = -1;
    if (entry) {
        best_cell = entry->move;
        int score = stored_score(entry, ply);
        if (settles(entry, score, depth, alpha, beta)) {
            if (entry->depth != 255) horizon = 1;
            return score;
        }
    }
    int16_t list[MAX_CELLS];
    int found = 1, best = -WIN, start = alpha, chosen = -1;
    if (forced >= 0)
        list[0] = forced;
    else
        found = candidates(side, width, list);
    for (int i = 1; i < found; i++)
        if (list[i] == best_cell) {
            for (; i; i--) list[i] = list[i - 1];
            list[0] = best_cell;
            break;
        }
    int deeper = forced >= 0 && width ? depth : depth - 1;
    horizon = 0;
    for (int i = 0; i < found && !stopped; i++) {
        put(list[i], side);
        int score;
        if (!i)
            score = -search(deeper, -beta, -alpha, ply + 1, other, width);
        else {
            score = -search(deeper, -alpha - 1, -alpha, ply + 1, other, width);
            if (score > alpha && score < beta && !stopped)
                score = -search(deeper, -beta, -alpha, ply + 1, other, width);
        }
        take_back(list[i], side);
        if (stopped) break;
        if (score > best) best = score, chosen = list[i];
        if (score > alpha) alpha = score;
        if (alpha >= beta) break;
    }
    if (!stopped) {
        store(here, best, ply, chosen, horizon ? (depth < 0 ? 0 : depth) : 255, bound_of(best, start, beta));
    }
    horizon |= before;
    return best;
}

/* The best answers that the table knows, from after `move` on. */
static void follow(Move *move, int side, int width) {
    int at = 1, turn = 1 - side;
    put(move->cell, side);
    while (at < LINE_LENGTH - 1) {
        int cell[2], next = -1;
        if (almost[turn] && winning_cells(turn, cell))
            next = cell[0];
        else if (almost[1 - turn] && winning_cells(1 - turn, cell))
            next = cell[0];
        else {
            Entry *entry = entry_of(hash ^ key_of(MAX_CELLS, turn) ^ (width ? key_of(MAX_CELLS + 1, 0) : 0));
            if (entry && entry->move >= 0 && stone[entry->move] < 0) next = entry->move;
        }
        if (next < 0) break;
        move->line[at++] = next;
        int won = put(next, turn);
        turn = 1 - turn;
        if (won) break;
    }
    move->line[at] = -1;
    for (int i = at - 1; i >= 0; i--) take_back(move->line[i], i % 2 ? 1 - side : side);
}

/* Deeper and deeper over the root moves. all: the true value of each, not only of the best. */
static void deepen(int side, int width, int max_depth, int all, int limit) {
    int whole = node_limit;
    if (nodes + limit < node_limit) node_limit = nodes + limit;
    for (int depth = 1; depth <= max_depth && !stopped; depth++) {
        int alpha = -WIN, open = 0, reached = 0, best = 0;
        for (int i = 0; i < move_count; i++) {
            Move *move = &moves[i];
            if (move->known >= OUTCOME) {
                if (move->score > alpha) alpha = move->score, best = i;
                continue;
            }
            horizon = 0;
            int won = put(move->cell, side);
            int floor = all ? -WIN : alpha;
            int score = won ? WIN - 1 : empty_count ? -search(depth - 1, -WIN, -floor, 1, 1 - side, width) : 0;
            int last = !empty_count;
            take_back(move->cell, side);
            if (stopped) break;
            int sure = all || score > floor || floor == -WIN;
            move->score = score;
            if (move->known == UNKNOWN) move->known = ESTIMATE;
            if (won || last || (width == FULL && sure && (score > PROVEN || score < -PROVEN || !horizon)))
                move->known = DISTANCE;
            else
                open = 1;
            reached |= horizon;
            if (score > alpha) alpha = score, best = i;
        }
        if (stopped) { /* the best of what was looked at this deep goes before what was not */
            Move found = moves[best];
            for (; best && alpha > -WIN; best--) moves[best] = moves[best - 1];
            if (!best) moves[0] = found;
            break;
        }
        sort_moves();
        if (!open || (!all && (alpha > PROVEN || alpha < -PROVEN))) break;
        if (!reached && !all && width == FULL) {
            moves[0].known = DISTANCE;
            break;
        }
    }
    stopped = nodes >= whole;
    node_limit = whole;
}

static int unit(int score) { return (int)((int64_t)score * 1000000 / ((score < 0 ? -score : score) + 900)); }

/* The moves, best first. depth, width: of the estimating search. solve: look for a proof first. */
EXPORT(lines_study) void lines_study(int side, int depth, int width, int limit, int all, int solve) {
    int16_t list[MAX_CELLS], line[LINE_LENGTH];
    int budget = limit / 8;
    nodes = 0, node_limit = limit, stopped = 0, move_count = 0;
    forget();
    int found = candidates(side, all || solve ? FULL : width, list);
    for (int i = 0; i < found; i++) add_move(list[i], UNKNOWN, -i);
    if (solve) {
        deepen(side, FULL, empty_count, all, limit / 2);
        if (moves[0].known == DISTANCE && (!all || moves[move_count - 1].known == DISTANCE)) goto done;
    }
    /* A loss that was proven stays one; what else the proof left behind means nothing to the estimate. */
    for (int i = 0; i < move_count; i++)
        if (moves[i].known < OUTCOME) moves[i].known = UNKNOWN, moves[i].score = 0;
    int threats = depth > 2;
    if (threats && win_by_threats(side, 20, &budget, line, 0)) {
        int at = 0;
        while (at < move_count && moves[at].cell != line[0]) at++;
        Move *move = at < move_count ? &moves[at] : add_move(line[0], UNKNOWN, 0);
        if (move->known < OUTCOME) {
            int ends = line[1] < 0;
            move->known = ends ? DISTANCE : OUTCOME, move->score = ends ? WIN - 1 : PROVEN + 1;
            __builtin_memcpy(move->line, line, sizeof line);
        }
        sort_moves();
        if (!all) goto done;
    }
    for (int i = 0; threats && i < move_count && (all || i < width); i++) {
        if (moves[i].known >= OUTCOME) continue;
        budget = limit / 8 / (all ? move_count : width);
        int won = put(moves[i].cell, side), lost = !won && win_by_threats(1 - side, 12, &budget, line, 0);
        take_back(moves[i].cell, side);
        if (won) moves[i].known = DISTANCE, moves[i].score = WIN - 1;
        if (!lost) continue;
        moves[i].known = OUTCOME, moves[i].score = -PROVEN - 1;
        for (int j = 0; j < LINE_LENGTH - 1; j++) moves[i].line[j + 1] = line[j];
        moves[i].line[LINE_LENGTH - 1] = -1;
    }
    sort_moves();
    if (!all && move_count > width) move_count = width;
    deepen(side, width, depth, all, limit);
done:
    for (int i = 0; i < move_count; i++) {
        Move *move = &moves[i];
        int sign = (move->score > 0) - (move->score < 0);
        move->estimate = move->known >= OUTCOME ? sign * 1000000 : unit(move->score);
        if (move->known != OUTCOME && (all || !i)) follow(move, side, move->known == DISTANCE ? FULL : width);
    }
}
