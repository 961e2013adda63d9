// The client: never throws into the shop, never blocks it.
import { Queue } from "./queue";
import { draw } from "./shelf";
import type { Answer, EventFields, EventType, Options, PageShelf, ShelfOptions, Slate, SlateItem } from "./types";
import { uuid, Visitor } from "./visitor";

export type { Answer, EventFields, EventType, Options, PageShelf, ShelfOptions, Slate, SlateItem };

const PATIENCE = 1500; // milliseconds that a shelf may take; then the shop's own HTML stays

export class Splitshelf {
  readonly visitor: Visitor;
  /** Where products stand on the shelves of this page, in the words of Google Analytics. */
  readonly shown: Record<string, object> = {};
  private readonly queue: Queue;
  private readonly base: string;

  constructor(private readonly options: Options) {
    this.base = options.base.replace(/\/$/, "");
    this.visitor = new Visitor(options.storage ?? "local");
    this.queue = new Queue(this.url("events"));
  }

  /** Records what the shopper did; `now` sends it at once, as before leaving the page. */
  track(type: EventType | string, fields: EventFields = {}, now = false): void {
    if (!this.visitor.allowed) return;
    const device = this.visitor.device;
    const who = device ? { anonymous: device } : {};
    const context = { page: location.pathname, ...who, ...fields.context };
    const base = { id: uuid(), at: new Date().toISOString(), type, ...this.visitor.ids };
    this.queue.add({ ...base, ...fields, context }, now);
  }

  /** A slate, or null where it did not come in time. */
  async recommend(placement: string, wish: ShelfOptions = {}): Promise<Slate | null> {
    const query = new URLSearchParams({ ...this.visitor.ids, placement, page: location.pathname });
    if (wish.n) query.set("n", String(wish.n));
    for (const name of ["seeds", "exclude", "products"] as const) {
      for (const product of wish[name] ?? []) query.append(name, product);
    }
    const slate = await this.ask<Slate>(this.url("recommendations", query));
    slate?.items.forEach(({ product, position }) => {
      this.shown[slate.placement + product] = {
        exposure: slate.id,
        item_list_id: slate.placement,
        index: position,
      };
    });
    return slate;
  }

  /** The slates of a page's shelves, no product on two of them; an earlier one chooses first. */
  async page(shelves: PageShelf[]): Promise<Slate[] | null> {
    const body = { ...this.visitor.ids, shelves, context: { page: location.pathname } };
    const options = { method: "POST", body: JSON.stringify(body) };
    return (await this.ask<{ shelves: Slate[] }>(this.url("page"), options))?.shelves ?? null;
  }

  /** Draws a shelf into an element, which keeps its own content where none comes. */
  async shelf(host: Element, placement: string, wish: ShelfOptions = {}): Promise<Slate | null> {
    const slate = await this.recommend(placement, wish);
    if (slate) {
      draw(
        host,
        slate,
        (type, item) => this.tell(type, item, slate),
        wish.feedback ?? [],
        (answer, item) => this.feedback(item.product, answer, slate.id),
      );
    }
    return slate;
  }

  /** The shopper's word on a product; it counts in the next shelf. */
  feedback(product: string, answer: Answer, exposure?: string): void {
    const fields: EventFields = { product, context: { answer } };
    if (exposure) fields.exposure = exposure;
    if (answer === "not_this") this.track("dismiss", fields, true);
    else this.track("rating", { ...fields, value: answer === "more" ? 5 : 1 }, true);
  }

  /** From now on the shopper goes by the shop's own id. */
  identify(shopper: string): void {
    this.visitor.identify(shopper);
  }

  /** The shopper's choice; "denied" forgets them here and sends nothing more. */
  consent(choice: "granted" | "denied"): void {
    this.visitor.consent(choice);
    if (choice === "denied") this.queue.clear();
  }

  private tell(type: "impression" | "click", item: SlateItem, slate: Slate): void {
    const context = { placement: slate.placement, position: item.position };
    if (type === "click") {
      this.visitor.clicked(item.product, this.shown[slate.placement + item.product]);
    }
    this.track(type, { product: item.product, exposure: slate.id, context }, type === "click");
  }

  private async ask<T>(url: string, options: RequestInit = {}): Promise<T | null> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(url, { ...options, signal: stop.signal });
      return answer.ok ? ((await answer.json()) as T) : null;
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  private url(path: string, query = new URLSearchParams()): string {
    if (this.options.key) query.set("key", this.options.key);
    const text = query.toString();
    return `${this.base}/v1/${path}${text && "?" + text}`;
  }
}
