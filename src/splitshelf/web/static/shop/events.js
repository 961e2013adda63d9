// A queue of events; each has an id of its own, so that sending one twice counts once.
const { shopper, session } = document.body.dataset;
const queue = [];

export function record(event) {
  const at = new Date().toISOString();
  const device = matchMedia("(max-width: 700px)").matches ? "phone" : "desktop";
  queue.push({
    id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
    at,
    shopper,
    session,
    ...event,
    context: { device, ...event.context },
  });
}

// Resolves when the events are stored, or after 0.6 seconds: a slow API must not hold a shop up.
export async function flush() {
  if (!queue.length) return;
  const events = queue.splice(0);
  const sent = fetch("/v1/events", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ events }),
    keepalive: true,
  }).then(
    (answer) => answer.status >= 500 && queue.push(...events),
    () => queue.push(...events),
  );
  await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 600))]);
}
