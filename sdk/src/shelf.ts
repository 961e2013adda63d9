// Draws a slate in the shop's own element; whatever stood there stays when anything goes wrong.
import type { Answer, Slate, SlateItem } from "./types";

const DWELL = 1000; // milliseconds in sight before a product counts as shown

function element(name: string, kind: string, text?: string): HTMLElement {
  const made = document.createElement(name);
  made.className = "splitshelf-" + kind;
  if (text) made.textContent = text;
  return made;
}

// Only addresses of the web: a catalogue must not be able to run a script.
export function safe(address: string | undefined): string | undefined {
  return address && /^(https?:\/\/|\/(?!\/))/i.test(address) ? address : undefined;
}

function price(item: SlateItem): string | undefined {
  if (!item.price) return undefined;
  const options = item.currency ? { style: "currency" as const, currency: item.currency } : {};
  try {
    return new Intl.NumberFormat(document.documentElement.lang || undefined, options).format(
      +item.price,
    );
  } catch {
    return item.price;
  }
}

function card(item: SlateItem): HTMLElement {
  const link = element("a", "item") as HTMLAnchorElement;
  const [url, image] = [safe(item.url), safe(item.image)];
  if (url) link.href = url;
  if (image) {
    const picture = element("img", "image") as HTMLImageElement;
    picture.alt = "";
    picture.loading = "lazy";
    picture.src = image;
    link.append(picture);
  }
  link.append(element("span", "title", item.title || item.product));
  const cost = price(item);
  if (cost) link.append(element("span", "price", cost));
  if (item.reason) link.append(element("span", "reason", item.reason.text));
  return link;
}

// The product and its buttons; a product that is not wanted goes at once.
function withWords(made: Element, labels: string[], say: (answer: Answer) => void): Element {
  const box = element("div", "card");
  box.append(made);
  (["more", "less", "not_this"] as const).forEach((answer, place) => {
    const button = element("button", "word", labels[place]) as HTMLButtonElement;
    button.type = "button";
    button.onclick = () => {
      say(answer);
      if (answer === "more") button.disabled = true;
      else box.remove();
    };
    if (labels[place]) box.append(button);
  });
  return box;
}

/** Replaces the children of `host` by the slate; tells of what is seen and clicked. */
export function draw(
  host: Element,
  slate: Slate,
  tell: (type: "impression" | "click", item: SlateItem) => void,
  labels: string[],
  say: (answer: Answer, item: SlateItem) => void,
): void {
  if (!slate.items.length) return;
  const list = element("div", "items");
  const cards = new Map<Element, SlateItem>();
  for (const item of slate.items) {
    const made = card(item);
    made.addEventListener("click", () => tell("click", item));
    cards.set(made, item);
    list.append(labels.length ? withWords(made, labels, (answer) => say(answer, item)) : made);
  }
  host.replaceChildren(element("h2", "heading", slate.title), list);
  watch(cards, (item) => tell("impression", item));
}

// Half of a card in sight for a second; each once.
function watch(cards: Map<Element, SlateItem>, seen: (item: SlateItem) => void): void {
  if (!("IntersectionObserver" in window)) return;
  const timers = new Map<Element, ReturnType<typeof setTimeout>>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        clearTimeout(timers.get(target));
        if (!isIntersecting) continue;
        const show = () => {
          observer.unobserve(target);
          seen(cards.get(target)!);
        };
        timers.set(target, setTimeout(show, DWELL));
      }
    },
    { threshold: 0.5 },
  );
  cards.forEach((_, made) => observer.observe(made));
}
