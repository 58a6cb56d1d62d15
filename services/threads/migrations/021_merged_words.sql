-- A pending list again, which the indexer empties itself after each few messages (services/threads/queries/search.py):
-- added at once, the words that several of them share cost a third less. Locks out only VACUUM, for a moment.
ALTER INDEX search_by_words SET (fastupdate = on);
