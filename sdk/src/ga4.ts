// Reads what the shop already tells Google Analytics 4; the server knows its names.
import type { Splitshelf } from "./index";

const KNOWN =
  /^(view_item_list|select_item|view_item|add_to_cart|remove_from_cart|add_to_wishlist|view_cart|begin_checkout|purchase|refund|search|view_search_results)$/;

type Fields = Record<string, unknown>;

// gtag("event", name, fields) pushes its arguments; the data layer pushes {event, ecommerce}.
function read(entry: unknown): [string, Fields] | undefined {
  const args = entry as { [index: number]: unknown; event?: unknown; ecommerce?: unknown };
  if (args?.[0] === "event") return [String(args[1]), (args[2] ?? {}) as Fields];
  if (typeof args?.event !== "string") return undefined;
  return [args.event, (args.ecommerce ?? args) as Fields];
}

/** Follows the data layer: what was pushed before, and all that comes. */
export function followDataLayer(client: Splitshelf, layer: unknown[]): void {
  const forward = (entry: unknown) => {
    try {
      const [name, fields] = read(entry) ?? ["", {}];
      if (KNOWN.test(name)) client.track(name, pick(fields), name === "purchase");
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
function pick(fields: Fields): Fields {
  const found: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name !== "event" && (name === "items" || /string|number/.test(typeof value))) {
      found[name] = value;
    }
  }
  return found;
}
