// What goes over the wire, as the server's OpenAPI document describes it.

export type EventType =
  | "impression" | "click" | "view" | "search" | "add_to_cart" | "remove_from_cart" | "wishlist"
  | "cart_view" | "checkout" | "purchase" | "refund" | "rating" | "dismiss";

export interface EventFields {
  product?: string;
  quantity?: number;
  price?: number | string;
  currency?: string;
  order?: string;
  dwell?: number;
  value?: number;
  exposure?: string;
  context?: Record<string, string | number | boolean | null>;
  [other: string]: unknown;
}

export interface SlateItem {
  product: string;
  position: number;
  title?: string;
  price?: string;
  currency?: string;
  url?: string;
  image?: string;
  reason?: { text: string };
}

export interface Slate {
  id: string;
  placement: string;
  title: string;
  items: SlateItem[];
}

export interface ShelfOptions {
  n?: number;
  seeds?: string[];
  exclude?: string[];
  /** A list of your own to re-rank: for "category" and "search". */
  products?: string[];
  /** Labels of three buttons under each product: more like this, less like this, not this. */
  feedback?: string[];
}

export interface PageShelf extends Omit<ShelfOptions, "feedback"> {
  placement: string;
}

export type Answer = "more" | "less" | "not_this";

export interface Options {
  /** Where the server is, as in "https://recs.example.org". */
  base: string;
  /** The public key, where the server asks for one. */
  key?: string;
  /** "local" remembers a visitor, "session" until the window closes, "none" not at all. */
  storage?: "local" | "session" | "none";
}
