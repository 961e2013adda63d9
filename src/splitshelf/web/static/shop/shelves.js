// Fetch this page again and put its shelves in place of those that stand here.
export async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const shelf of document.querySelectorAll("[data-shelf]")) {
    const next = fresh.querySelector(`[data-shelf="${shelf.dataset.shelf}"]`);
    if (next) shelf.replaceWith(document.adoptNode(next));
  }
}
