"""The load generator: processes of uvloop and picows, told what to do through a pipe by `fleet.Fleet`."""
