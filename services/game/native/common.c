#include "engine.h"

__attribute__((import_module("host"), import_name("expired"))) extern int expired(void);

enum { TABLE_BITS = 19, ASK_EVERY = 2048 };

Move moves[MAX_CELLS];
int move_count;
int nodes, node_limit, stopped;
static uint64_t state = 88172645463325252ull;
static uint64_t keys[MAX_CELLS * 2 + 16];
static Entry table[1 << TABLE_BITS];

int tick(void) {
    nodes++;
    if (nodes >= node_limit || (nodes % ASK_EVERY == 0 && expired())) stopped = 1;
    return stopped;
}

/* xorshift64*: Vigna 2016. */
uint64_t chance(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717ull;
}

void seed_chance(uint64_t seed) {
    state = (seed + 1) * 0x9E3779B97F4A7C15ull;
    for (int i = 0; i < 4; i++) chance();
}

int below(uint32_t bound) { return (int)((chance() >> 32) * bound >> 32); }

uint64_t key_of(int cell, int side) {
    if (!keys[0]) {
        uint64_t before = state;
        seed_chance(2026);
        for (int i = 0; i < MAX_CELLS * 2 + 16; i++) keys[i] = chance();
        state = before;
    }
    return keys[cell * 2 + side];
}

Entry *entry_of(uint64_t hash) {
    Entry *entry = &table[hash & ((1 << TABLE_BITS) - 1)];
    return entry->bound != ABSENT && entry->key == hash >> 32 ? entry : 0;
}

/* A win counts from the root; in the table it counts from the position. */
void store(uint64_t hash, int score, int ply, int move, int depth, int bound) {
    if (score > PROVEN) score += ply;
    if (score < -PROVEN) score -= ply;
    table[hash & ((1 << TABLE_BITS) - 1)] = (Entry){hash >> 32, score, move, depth, bound};
}

int stored_score(const Entry *entry, int ply) {
    if (entry->score > PROVEN) return entry->score - ply;
    return entry->score < -PROVEN ? entry->score + ply : entry->score;
}

void forget(void) { __builtin_memset(table, 0, sizeof table); }

Move *add_move(int cell, int known, int score) {
    Move *move = &moves[move_count++];
    move->cell = cell, move->known = known, move->score = score, move->estimate = 0;
    move->line[0] = cell, move->line[1] = -1;
    return move;
}

/* Best first; equal ones stay as they were. */
void sort_moves(void) {
    for (int i = 1; i < move_count; i++) {
        Move move = moves[i];
        int j = i;
        for (; j && moves[j - 1].score < move.score; j--) moves[j] = moves[j - 1];
        moves[j] = move;
    }
}

EXPORT(seed) void seed(uint64_t value) { seed_chance(value); }
EXPORT(found) int32_t *found(void) { return (int32_t *)moves; }
EXPORT(found_count) int found_count(void) { return move_count; }
