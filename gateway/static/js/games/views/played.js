// What a thread with a game needs, loaded as one: what its parts share would else come with every page.

import { drawGame, patchGame } from "./item_node.js";
import { PastDialog } from "./past_dialog.js";

export { drawGame, PastDialog, patchGame };
