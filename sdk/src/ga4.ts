// Reads what the shop already tells Google Analytics 4; the server knows its names.
import type { Splitshelf } from "./index";

const KNOWN =
  /^(view_(item(_list)?|cart)|select_item|add_to_(cart|wishlist)|remove_from_cart|begin_checkout|purchase|refund|(view_)?search(_results)?)$/;

type Fields = Record<string, unknown>;

// gtag("event", name, fields) pushes its arguments; the data layer pushes {event, ecommerce}.
function read(entry: unknown): [string, Fields] | undefined {
  const args = entry as { [index: number]: unknown; event?: unknown; ecommerce?: unknown };
  if (args?.[0] === "event") return [args[1] as string, (args[2] ?? {}) as Fields];
  if (typeof args?.event !== "string") return undefined;
  return [args.event, (args.ecommerce ?? args) as Fields];
}

/** Follows the data layer: what was pushed before, and all that comes. */
export function followDataLayer(client: Splitshelf, layer: unknown[]): void {
  const forward = (entry: unknown) => {
    try {
      const [name, fields] = read(entry) ?? ["", {}];
      if (KNOWN.test(name)) client.track(name, pick(client, name, fields), name === "purchase");
    } catch {
      // the shop's data layer must go on working whatever it holds
    }
  };
  layer.forEach(forward);
  const push = layer.push;
  layer.push = (...entries: unknown[]) => {
    entries.forEach(forward);
    return push.apply(layer, entries);
  };
}

// Plain values and items only: elements, callbacks and cycles stay here.
function pick(client: Splitshelf, event: string, fields: Fields): Fields {
  const found: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === "items") {
      found[name] = (value as Fields[]).map((item) => ({
        ...place(client, event, item.item_id as string, item.item_list_id ?? fields.item_list_id),
        ...item,
      }));
    } else if (name !== "event" && /string|number/.test(typeof value)) found[name] = value;
  }
  return found;
}

// A product on a shelf of ours, or clicked there before: on which, where, and in which answer.
function place(client: Splitshelf, event: string, id: string, list: unknown): object | undefined {
  const here = client.shown[(list as string) + id];
  if (event === "select_item") client.visitor.clicked(id, here);
  return /_list/.test(event) ? here : client.visitor.met[id];
}
