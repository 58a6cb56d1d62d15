-- Run once, on the new database. `duet` owns its database and is no superuser.
create role duet login;
create database duet owner duet;
