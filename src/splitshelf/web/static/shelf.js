// Drag a product of a shelf to another place: the same as writing the place and pressing Pin.
"use strict";
for (const shelf of document.querySelectorAll("[data-shelf]")) {
  let held = null;
  const over = (card) => {
    for (const one of shelf.children) one.classList.toggle("over", one === card && one !== held);
  };
  const cardOf = (event) => event.target.closest("[data-place]");
  for (const card of shelf.children) card.draggable = true;
  shelf.addEventListener("dragstart", (event) => {
    held = cardOf(event);
    if (held) event.dataTransfer.effectAllowed = "move";
  });
  shelf.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    over(cardOf(event));
  });
  shelf.addEventListener("dragend", () => {
    over(null);
    held = null;
  });
  shelf.addEventListener("drop", (event) => {
    const target = cardOf(event);
    if (!held || !target || target === held) return;
    event.preventDefault();
    const form = held.querySelector("form");
    form.elements.position.value = target.dataset.place;
    form.requestSubmit(form.querySelector("button[value=pin]"));
  });
}
