// Socket.IO 4 on node: redis-streams-adapter, pg, one room a person. Reads PEER_* from the environment.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { parseCookie } from "cookie";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const { PEER_REDIS_URL, PEER_PORT } = process.env;
const pool = new pg.Pool({ max: 20 }); // PGHOST, PGUSER and PGDATABASE say where
await pool.query(readFileSync(new URL("../schema.sql", import.meta.url), "utf8"));
const redis = createClient({ socket: { path: PEER_REDIS_URL.replace("unix://", "") } });
await redis.connect();

const http = createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/login") return;
  let body = "";
  for await (const part of request) body += part;
  const { username } = JSON.parse(body);
  const token = randomBytes(32).toString("base64url");
  const account = await pool.query(
    "INSERT INTO accounts (username) VALUES ($1) ON CONFLICT (username) DO UPDATE SET username = excluded.username RETURNING id",
    [username],
  );
  await pool.query("INSERT INTO sessions VALUES ($1, $2)", [token, account.rows[0].id]);
  response.setHeader("Set-Cookie", `session=${token}; HttpOnly; Path=/; SameSite=Lax`);
  response.end("{}");
});
const io = new Server(http, { adapter: createAdapter(redis), transports: ["websocket"] });

io.use(async (socket, next) => {
  const token = parseCookie(socket.handshake.headers.cookie ?? "").session ?? "";
  const found = await pool.query(
    "SELECT a.id, a.username FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE token = $1",
    [token],
  );
  if (!found.rows.length) return next(new Error("log in first"));
  socket.data.account = found.rows[0];
  socket.conn.request = null; // as "Memory usage" in its documentation says, once the cookie has been read
  next();
});

const threads = new Map();
async function threadOf(sender, to) {
  const key = `${sender}:${to}`;
  if (!threads.has(key)) {
    const peer = await pool.query("SELECT id FROM accounts WHERE username = $1", [to]);
    const [low, high] = [BigInt(sender), BigInt(peer.rows[0].id)].sort((a, b) => (a < b ? -1 : 1));
    const made = await pool.query(
      "INSERT INTO threads (low, high) VALUES ($1, $2) ON CONFLICT (low, high) DO UPDATE SET low = excluded.low RETURNING id",
      [low, high],
    );
    threads.set(key, made.rows[0].id);
  }
  return threads.get(key);
}

io.on("connection", (socket) => {
  const { id, username } = socket.data.account;
  socket.join(username);
  socket.on("send", async ({ to, client_id, text }) => {
    const stored = await pool.query({
      name: "append",
      text: "INSERT INTO messages (thread_id, sender_id, client_id, text) VALUES ($1, $2, $3, $4) RETURNING id",
      values: [await threadOf(id, to), id, client_id, text],
    });
    io.to([username, to]).emit("message", { id: Number(stored.rows[0].id), sender: username, to, client_id, text });
  });
});
http.listen(Number(PEER_PORT), "127.0.0.1");
