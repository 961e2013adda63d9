// A product counts as seen when half of its card was in view for a second.
import { record, flush } from "./events.js";

const seen = new Set();
const timers = new WeakMap();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => see(target), 1000));
    }
  },
  { threshold: 0.5 },
);

function see(card) {
  const { exposure, shelf: placement } = card.closest("[data-shelf]")?.dataset ?? {};
  const { product, position } = card.dataset;
  if (!exposure || seen.has(exposure + product)) return;
  seen.add(exposure + product);
  observer.unobserve(card);
  record({ type: "impression", product, exposure, context: { placement, position: Number(position) } });
}

export function watch() {
  for (const card of document.querySelectorAll("[data-product]")) observer.observe(card);
}

setInterval(flush, 2000);
document.addEventListener("visibilitychange", () => document.hidden && flush());
