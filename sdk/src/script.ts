// The script tag: reads its own attributes, fills the shelves of the page, offers `splitshelf`.
//
//   <script src="https://HOST/sdk/v1/splitshelf.js" data-key="PUBLIC" data-ga4 async></script>
//   <div data-splitshelf="home" data-n="6">the shop's own HTML, shown until then</div>
import { followDataLayer } from "./ga4";
import { Splitshelf } from "./index";
import type { Options } from "./types";

function start(): void {
  const script = document.currentScript as HTMLScriptElement | null;
  if (!script) return;
  const base = new URL(script.src).origin;
  const client = new Splitshelf({ ...(script.dataset as Partial<Options>), base });
  const page = window as unknown as { splitshelf: Splitshelf; dataLayer?: unknown[] };
  page.splitshelf = client;
  if (script.dataset.ga4 !== undefined) followDataLayer(client, (page.dataLayer ??= []));
  const fill = () =>
    document.querySelectorAll<HTMLElement>("[data-splitshelf]").forEach((host) => {
      const { splitshelf, n, seeds, exclude, products, feedback } = host.dataset;
      void client.shelf(host, splitshelf || "home", {
        n: +(n || 12),
        seeds: seeds?.split(",") ?? [],
        exclude: exclude?.split(",") ?? [],
        products: products?.split(",") ?? [],
        feedback: feedback?.split("|") ?? [],
      });
    });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fill);
  else fill();
}

try {
  start();
} catch {
  // a shop without recommendations is still a shop
}
