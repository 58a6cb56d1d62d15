import { askMove } from "./api.js";
import { Controller } from "./controller.js";
import { Score, tabStorage } from "./score.js";

new Controller({ askMove, score: new Score(tabStorage()) }).start();
