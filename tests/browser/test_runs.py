"""What is held of a thread, and shown, has no gap and no repeat, whatever people do and whatever arrives."""

import pytest

from tests.browser.modules import Modules

# A log in which every third seq is no message, and a history of it in pages, as the server has them.
_LOG = """
const head = () => log.at(-1).seq;
const page = (from, to) => log.filter(({ seq }) => seq >= from && seq <= to);
const last = (count, before) => log.filter(({ seq }) => seq < before).slice(-count);
const first = (count, after) => log.filter(({ seq }) => seq > after).slice(0, count);
const say = () => log.push({ seq: head() + (head() % 3 ? 1 : 2), sender: "bob", text: "", version: 1 });
const log = [{ seq: 1, sender: "bob", text: "", version: 1 }];
while (log.length < a[0]) say();
const runs = new m.Runs();
const opens = (seq) => {
  if (runs.show(seq)) return;
  const [before, from] = [last(25, seq), first(25, seq - 1)];
  const messages = [...before, ...from];
  const to = from.at(-1)?.seq === head() || !from.length ? head() : from.at(-1).seq;
  runs.open({ messages, from: before.length < 25 ? 1 : before[0].seq, to }, seq);
};
const older = () => {
  const { from } = runs.shown;
  const messages = last(50, from);
  if (from > 1) runs.older(from, messages, messages.length < 50 || messages[0].seq === 1);
};
const newer = () => {
  if (!runs.far) return;
  const messages = first(50, runs.far.to);
  runs.newer(runs.far.to, messages, messages.length < 50 ? head() : messages.at(-1).seq);
};
const arrives = () => { say(); runs.arrived({ ...log.at(-1) }); };
runs.newest(last(50, Infinity), log.length <= 50);
"""
_WALK = (
    _LOG
    + """
let state = a[1];
const random = (below) => (state = (state * 48271) % 2147483647) % below;
const looks = () => {
  const { messages } = runs.shown;
  const at = random(messages.length);
  const end = !runs.far && at > messages.length - 20;
  runs.look(end ? null : { first: messages[at].seq, last: messages[Math.min(at + 12, messages.length - 1)].seq });
  const seen = end ? log.slice(-12) : messages.slice(at, at + 12);
  if (seen.some(({ seq }) => !runs.shown.messages.some((each) => each.seq === seq))) problems.push("sight lost");
};
let joins = 0;
const scrollsDown = () => {
  if (!runs.far) return;
  for (let pages = 0; runs.far && pages < 40; pages += 1) {
    const { seq } = runs.far.messages.at(-1);
    runs.look({ first: seq, last: seq });
    newer();
  }
  joins += !runs.far;
};
const does = [
  () => opens(1 + random(head())), older, older, newer, newer, newer, looks, looks, looks, arrives, arrives,
  () => { for (let n = 0; n < 80; n += 1) arrives(); },
  () => { for (let n = 0; n < 12; n += 1) older(); },
  () => random(4) || runs.toEnd(),
  scrollsDown,
];
const problems = [];
for (let step = 0; step < a[2]; step += 1) {
  does[random(does.length)]();
  for (const run of [runs.live, ...(runs.far ? [runs.far] : [])]) {
    const wanted = page(run.from, run.to).map(({ seq }) => seq).join();
    if (run.messages.map(({ seq }) => seq).join() !== wanted) problems.push(`${step} ${run.from} ${run.to}`);
    if (run.messages.length > m.MOST + m.AROUND) problems.push(`${step} holds ${run.messages.length}`);
  }
  if (runs.far && runs.far.to >= runs.live.from - 1) problems.push(`${step} not joined`);
}
return { problems: problems.slice(0, 5), joins };
"""
)


@pytest.mark.parametrize("seed", [1, 42])
async def test_what_is_shown_is_a_gapless_run_of_the_log_whatever_happens(
    modules: Modules, seed: int
) -> None:
    walked = await modules.run("models/runs", _WALK, 3000, seed, 800)
    assert walked["problems"] == []
    assert walked["joins"] > 0


async def test_a_reader_who_scrolls_down_from_far_above_comes_to_the_end(modules: Modules) -> None:
    body = (
        _LOG
        + """
        opens(700);
        const around = runs.shown.messages.map(({ seq }) => seq);
        arrives();
        let pages = 0;
        for (; runs.far; pages += 1) { newer(); runs.look({ first: runs.shown.to, last: runs.shown.to }); }
        runs.look(null);
        const { messages } = runs.shown;
        return [around[0], around.at(-1), pages, messages.at(-1).seq === head(), messages.length];"""
    )
    first, last, pages, ended, held = await modules.run("models/runs", body, 1000)
    assert (first, last, ended) == (663, 737, True)
    assert pages == 10
    assert held <= 850


async def test_a_late_page_of_a_run_that_has_moved_on_is_dropped(modules: Modules) -> None:
    body = (
        _LOG
        + """
        const { from } = runs.shown;
        const late = last(50, from);
        opens(200);
        const opened = runs.shown.messages.length;
        runs.older(from, late, false);
        runs.newer(from, late, from + 50);
        return [opened, runs.shown.messages.length];"""
    )
    assert await modules.run("models/runs", body, 1000) == [50, 50]
