/* What the parts of the engine share. Built for WebAssembly without a C library: see build.py. */
#pragma once
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

enum { MAX_CELLS = 225, LINE_LENGTH = 12, WIN = 1000000, PROVEN = WIN - 1000 };

/* How much is known of a move: nothing, an estimate, who wins, and also in how many plies. */
enum { UNKNOWN, ESTIMATE, OUTCOME, DISTANCE };

/* A legal move. score: for the side that makes it; WIN - n: it wins n plies from the root. estimate: in millionths.
   line: how the game may go on, the move itself first, ended by -1. */
typedef struct {
    int32_t cell, known, score, estimate;
    int16_t line[LINE_LENGTH];
} Move;

extern Move moves[MAX_CELLS];
extern int move_count;

/* The bound of one study. It ends after so many nodes, or when the host says that the time is over. */
extern int nodes, node_limit, stopped;
int tick(void);

uint64_t chance(void);
void seed_chance(uint64_t seed);
int below(uint32_t bound);

/* Positions seen before. depth 255: nothing below was cut off by depth. */
typedef struct {
    uint32_t key;
    int32_t score;
    int16_t move;
    uint8_t depth, bound;
} Entry;
enum { ABSENT, EXACT, LOWER, UPPER };

Entry *entry_of(uint64_t hash);
void store(uint64_t hash, int score, int ply, int move, int depth, int bound);
int stored_score(const Entry *entry, int ply);
void forget(void);
uint64_t key_of(int cell, int side);

/* Whether what is known of a position settles it, searched to `depth` between alpha and beta. */
static inline int settles(const Entry *entry, int score, int depth, int alpha, int beta) {
    if (entry->depth < depth) return 0;
    return entry->bound == EXACT || (entry->bound == LOWER && score >= beta) ||
           (entry->bound == UPPER && score <= alpha);
}

/* What the best score found says, when the search began between start and beta. */
static inline int bound_of(int best, int start, int beta) {
    return best >= beta ? LOWER : best > start ? EXACT : UPPER;
}

Move *add_move(int cell, int known, int score);
void sort_moves(void);
