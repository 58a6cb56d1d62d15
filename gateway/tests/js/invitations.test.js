// One's own invitations, as the dialog has them.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Invitations } from "../../static/js/models/invitations.js";

let open;
let asked;
let mayMake;
let invitations;
let drawn;
beforeEach(() => {
  [open, asked, mayMake, drawn] = [[], [], true, []];
  invitations = new Invitations({
    list: async () => ({ invites: [...open] }),
    make: async (body) => {
      if (!mayMake) throw new Error("20 invitations are open.");
      asked.push(body);
      const id = `${asked.length}`;
      open.unshift({ id, game: body.game ?? null });
      return { id, url: `/i/${id}` };
    },
    takeBack: async (id) => {
      open = open.filter((one) => one.id !== id);
    },
  });
  invitations.on("change", () => drawn.push(invitations.open.map(({ id }) => id)));
});

test("a link is made once for each thing that it is to, while it is open", async () => {
  assert.equal((await invitations.link("")).id, "1");
  assert.equal((await invitations.link("ultimate")).id, "2");
  assert.equal((await invitations.link("")).id, "1");
  assert.deepEqual(asked[0], {});
  assert.deepEqual([asked[1].game.spec, asked[1].game.x, asked[1].game.o], [{ variant: "ultimate" }, "peer", "me"]);
  open = open.filter(({ id }) => id !== "1"); // somebody has used it, and this page was not told
  assert.equal((await invitations.link("")).id, "3");
});

test("one that is accepted or taken back is listed no more, and another link is made", async () => {
  await invitations.link("");
  await invitations.link("ultimate");
  invitations.gone("2");
  assert.deepEqual(drawn.at(-1), ["1"]);
  await invitations.takeBack("1");
  assert.deepEqual(drawn.at(-1), []);
  assert.equal((await invitations.link("")).id, "3");
});

test("where no more can be made, those that are open are listed all the same", async () => {
  open.push({ id: "old", game: null });
  mayMake = false;
  await assert.rejects(invitations.link(""), /20 invitations/);
  assert.deepEqual(drawn, [["old"]]);
});

test("one that is taken back is in no list that was asked for before", async () => {
  const { promise, resolve } = Promise.withResolvers();
  const slow = new Invitations({ list: () => promise, make: assert.fail, takeBack: async () => null });
  const listed = slow.refresh();
  await slow.takeBack("1");
  resolve({ invites: [{ id: "1" }, { id: "2" }] });
  await listed;
  assert.deepEqual(slow.open, [{ id: "2" }]);
});
