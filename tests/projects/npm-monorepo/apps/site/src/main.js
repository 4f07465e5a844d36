import { greeting } from "@mono/greeting";

document.body.textContent = greeting("site");
