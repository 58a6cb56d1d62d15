-- No pending list: emptying it took 20 to 30 ms every few hundred messages, during which nothing else had PostgreSQL.
ALTER INDEX search_by_words RESET (gin_pending_list_limit);
ALTER INDEX search_by_words SET (fastupdate = off);
SELECT gin_clean_pending_list('search_by_words');
