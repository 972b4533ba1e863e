// A text box that proposes: the ARIA combobox of places and trades (U11).
// It only completes what one types: the form says the same without it.
// Markup: <div data-combobox="/address/" data-separator=", "><input name="ou"></div>
const PAUSE = 150; // ms between the last key and the question
const LEAST = 2; // letters before anything is asked

class Combobox {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input");
    this.separator = box.dataset.separator || ", ";
    this.choices = [];
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.id = `${this.input.id}-choix`;
    this.list.className = "opus-combobox__list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Propositions");
    this.list.hidden = true;
    this.status = document.createElement("div");
    this.status.className = "fr-sr-only";
    this.status.setAttribute("role", "status");
    box.append(this.list, this.status);
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", this.list.id],
    ]) {
      this.input.setAttribute(name, value);
    }
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // The box keeps the cursor while one clicks in the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.index));
    });
  }

  // Several places may stand in the box: the last one is being typed.
  get parts() {
    const parts = this.input.value.split(this.separator.trim());
    return parts.map((part) => part.trim());
  }

  ask() {
    clearTimeout(this.timer);
    this.question?.abort();
    const text = this.parts.at(-1);
    if (text.length < LEAST) return this.close();
    this.timer = setTimeout(() => this.fetch(text), PAUSE);
  }

  async fetch(text) {
    this.question = new AbortController();
    const query = new URLSearchParams({ [this.input.name]: text });
    try {
      const response = await fetch(`${this.box.dataset.combobox}?${query}`, {
        signal: this.question.signal,
        headers: { Accept: "application/json" },
      });
      // Signed out meanwhile, or refused: the form will say so.
      if (!response.ok || response.redirected) return this.close();
      this.show((await response.json()).choices);
    } catch {
      this.close();
    }
  }

  show(choices) {
    this.choices = choices;
    this.active = -1;
    this.list.replaceChildren(...choices.map((choice, index) => this.option(choice, index)));
    this.list.hidden = choices.length === 0;
    this.input.setAttribute("aria-expanded", String(choices.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    const count = choices.length;
    this.status.textContent = count
      ? `${count} proposition${count > 1 ? "s" : ""}, flèches pour choisir.`
      : "Aucune proposition.";
  }

  option(choice, index) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${index}`;
    option.className = "opus-combobox__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.index = index;
    const label = document.createElement("span");
    label.textContent = choice.label;
    option.append(label);
    if (choice.detail) {
      const detail = document.createElement("span");
      detail.className = "opus-combobox__detail";
      detail.textContent = choice.detail;
      option.append(detail);
    }
    return option;
  }

  key(event) {
    if (this.list.hidden) {
      if (event.key === "ArrowDown") this.ask();
      return;
    }
    const last = this.choices.length - 1;
    if (event.key === "ArrowDown") this.move(this.active < last ? this.active + 1 : 0);
    else if (event.key === "ArrowUp") this.move(this.active > 0 ? this.active - 1 : last);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  move(index) {
    this.active = index;
    for (const option of this.list.children) {
      const isActive = Number(option.dataset.index) === index;
      option.setAttribute("aria-selected", String(isActive));
      if (isActive) {
        this.input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    }
  }

  choose(index) {
    const parts = [...this.parts.slice(0, -1), this.choices[index].text];
    this.input.value = parts.join(this.separator);
    this.close();
    this.input.focus();
    // Among the filters, choosing is asking.
    if ("submits" in this.box.dataset) this.input.form.requestSubmit();
  }

  close() {
    clearTimeout(this.timer);
    this.question?.abort();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }
}

// Built when the cursor first enters, so that parts refreshed later work, too.
const built = new WeakSet();
document.addEventListener("focusin", (event) => {
  const box = event.target.closest("[data-combobox]");
  if (!box || built.has(box)) return;
  built.add(box);
  new Combobox(box);
});
