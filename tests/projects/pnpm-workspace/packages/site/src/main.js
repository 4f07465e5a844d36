import { words } from "words";

document.body.textContent = words.join(" ");
