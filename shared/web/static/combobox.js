// Suggestions under a field, as the ARIA pattern of a combobox with a list box says. Without this file the browser lists what the page knows, and the
// button of a form looks for what was typed.

for (const field of document.querySelectorAll("[data-suggests]")) suggest(field);

function suggest(field) {
  const MOST = 8, LETTERS = 3, PAUSE = 250;
  const asks = field.dataset.suggests === "ask";
  const note = document.getElementById(`${field.id}-gevonden`);
  const known = [...(field.list?.options ?? [])].map((option) => [option.value, option.label || option.text]);
  const list = document.createElement("ul");
  list.id = `${field.id}-lijst`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", note.dataset.list);
  field.after(list);
  field.removeAttribute("list"); // one list is enough
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  let at = -1, timer, running;

  const options = () => [...list.children];
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    mark(-1);
  }
  function mark(index) {
    at = index;
    for (const [place, option] of options().entries()) option.setAttribute("aria-selected", place === at);
    if (at < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", options()[at].id);
    options()[at].scrollIntoView({ block: "nearest" });
  }
  function clear() {
    list.replaceChildren();
    close();
    note.textContent = "";
  }
  function show(more = false, words) {
    const found = options();
    for (const [place, option] of found.entries()) option.id = `${list.id}-${place}`;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
    const { one, many, more: rest, none } = note.dataset;
    note.textContent = words ?? (!found.length ? none : more ? rest.replace("#", found.length) : found.length === 1 ? one : many.replace("#", found.length));
  }
  function choose(option) {
    close();
    if (field.dataset.adds) return add(option);
    if (asks) {
      const button = field.form.querySelector("[data-chosen]");
      button.value = option.dataset.value;
      return field.form.requestSubmit(button);
    }
    field.value = option.dataset.value;
    clear();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** One more check box in the list, ticked; the field is free for the next name. */
  function add(option) {
    clearTimeout(timer); // what was still looked for is found
    running?.abort();
    const into = document.getElementById(field.dataset.adds);
    let box = [...into.querySelectorAll("input")].find((each) => each.value === option.dataset.value);
    if (!box) {
      into.append(field.form.querySelector(`fieldset:has(#${into.id}) template`).content.cloneNode(true));
      box = into.lastElementChild.querySelector("input");
      box.value = option.dataset.value;
      box.nextElementSibling.textContent = option.dataset.name;
    }
    box.checked = true;
    field.value = "";
    clear();
    note.textContent = note.dataset.added.replace("#", option.dataset.name);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function look() {
    const typed = plain(field.value.trim());
    const fits = typed ? known.filter(([value, text]) => value.startsWith(typed) || plain(text).includes(typed)) : [];
    list.replaceChildren(...fits.slice(0, MOST).map(([value, text]) => {
      const option = document.createElement("li");
      option.setAttribute("role", "option");
      option.dataset.value = value;
      option.textContent = text.startsWith(value) ? text : `${value} ${text}`;
      return option;
    }));
    if (!typed || (fits.length === 1 && fits[0][0] === typed)) return clear();
    show(fits.length > MOST);
  }
  async function ask() {
    running?.abort();
    running = new AbortController();
    const whole = new FormData(field.form), { address } = field.dataset;
    const body = new URLSearchParams(address ? [...whole].filter(([name]) => name === field.name || name === "_form") : whole);
    body.set("_action", "suggest");
    try {
      const answer = await fetch(address ?? field.form.action, { method: "POST", body, signal: running.signal });
      if (answer.status === 422) return clear(); // not whole yet
      if (!answer.ok) throw new Error(answer.status);
      list.innerHTML = await answer.text();
      show(list.querySelector("[data-more]") !== null);
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren();
      show(false, note.dataset.away);
    }
  }
  const enough = () => field.value.trim().length >= LETTERS || !field.dataset.address && [...field.form.elements].some((each) => each !== field && each.type === "text" && each.value.trim());
  function search() {
    clearTimeout(timer);
    if (!asks) return look();
    if (enough()) return void (timer = setTimeout(ask, PAUSE));
    running?.abort();
    clear();
  }

  field.addEventListener("input", (event) => event.isTrusted && search());
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const count = options().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!count) return;
      event.preventDefault();
      if (list.hidden) show();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(at < 0 ? (step > 0 ? 0 : count - 1) : (at + step + count) % count);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(options()[at]);
    } else if (event.key === "Enter" && field.dataset.address) {
      event.preventDefault(); // the first button of the form is another one's
      clearTimeout(timer);
      if (enough()) ask();
    } else if (event.key === "Escape" && !list.hidden) {
      close();
    }
  });
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
}
