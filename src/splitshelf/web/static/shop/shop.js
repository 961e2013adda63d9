// What a visitor does, told to the shop's own API; the pages work without it.
import { record, flush } from "./events.js";
import { watch } from "./impressions.js";
import { refresh } from "./shelves.js";

const page = document.querySelector("[data-view]");
const opened = Date.now();
let told = false;

// The slate that led to this product page, kept over the navigation.
const lead = JSON.parse(sessionStorage.getItem("lead") ?? "null");
sessionStorage.removeItem("lead");
const from = page && lead?.product === page.dataset.view ? lead : {};
const origin = { exposure: from.exposure, context: from.context };

function tellView() {
  if (!page || told) return;
  told = true;
  record({ type: "view", product: page.dataset.view, dwell: (Date.now() - opened) / 1000, ...origin });
}

// Whatever this page has to say is stored before the next one is asked for its shelves.
async function leave(go) {
  tellView();
  await flush();
  go();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest?.("a[href^='/shop']");
  if (!link) return;
  const card = link.closest("[data-product]");
  if (card) {
    const where = context(card);
    const exposure = card.closest("[data-shelf]").dataset.exposure;
    record({ type: "click", product: card.dataset.product, exposure, context: where });
    sessionStorage.setItem("lead", JSON.stringify({ product: card.dataset.product, exposure, context: where }));
  }
  event.preventDefault();
  leave(() => location.assign(link.href));
});

function context(card) {
  const placement = card.closest("[data-shelf]").dataset.shelf;
  return { placement, position: Number(card.dataset.position) };
}

addEventListener("pagehide", () => {
  if (page && !told) sessionStorage.setItem("late", "1");
  tellView();
  flush();
});

function say(text) {
  const toast = document.querySelector("[data-toast]");
  toast.textContent = text;
  toast.hidden = false;
  setTimeout(() => (toast.hidden = true), 3500);
}

document.querySelector("[data-buy]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { price, currency } = form.dataset;
  tellView();
  record({ type: "add_to_cart", product: page.dataset.view, price, currency, ...origin });
  const sent = { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } };
  const [answer] = await Promise.all([fetch(form.action, sent), flush()]);
  if (!answer.ok) return say("That did not work. Please try again.");
  const { items } = await answer.json();
  document.querySelector("[data-bag-count]").textContent = items;
  say("In your bag.");
  await refresh();
  watch();
});

document.querySelector("[data-wish]")?.addEventListener("click", async (event) => {
  const button = event.currentTarget;
  if (button.getAttribute("aria-pressed") === "true") return;
  button.setAttribute("aria-pressed", "true");
  button.querySelector("span").textContent = "Saved";
  tellView();
  record({ type: "wishlist", product: page.dataset.view, ...origin });
  await flush();
  say("Saved. The shelves know.");
  await refresh();
  watch();
});

for (const form of document.querySelectorAll("[data-count-form]")) {
  form.addEventListener("submit", async (event) => {
    const line = form.closest("[data-line]").dataset;
    const wished = Number(event.submitter.value);
    const type = wished < Number(line.count) ? "remove_from_cart" : "add_to_cart";
    record({ type, product: line.line, price: line.price, currency: line.currency });
    await resubmit(event);
  });
}

document.querySelector("[data-checkout]")?.addEventListener("submit", async (event) => {
  const order = crypto.randomUUID();
  record({ type: "checkout" });
  for (const { dataset: line } of document.querySelectorAll("[data-line]")) {
    const { line: product, price, currency } = line;
    record({ type: "purchase", product, price, currency, quantity: Number(line.count), order });
  }
  await resubmit(event);
});

async function resubmit(event) {
  const { currentTarget: form, submitter } = event;
  event.preventDefault();
  const target = form ?? submitter.form;
  if (submitter.name) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
    target.append(field);
  }
  await flush();
  target.submit();
}

document.querySelector("form[role=search]")?.addEventListener("submit", async (event) => {
  const query = new FormData(event.currentTarget).get("q").trim();
  if (query) record({ type: "search", context: { query } });
  tellView();
  await resubmit(event);
});

if (document.querySelector("[data-cart] [data-line]")) record({ type: "cart_view" });

if (sessionStorage.getItem("late")) {
  sessionStorage.removeItem("late");
  await refresh();
}
watch();
document.body.dataset.ready = "yes";
