/* What the tour asks of a page as it stands; each look answers sentences, one a fault. */
(() => {
  const name = (one) =>
    one.tagName.toLowerCase() +
    (one.id ? `#${one.id}` : "") +
    (typeof one.className === "string" && one.className.trim()
      ? `.${one.className.trim().split(/\s+/).join(".")}`
      : "");
  const isShown = (one) =>
    one.checkVisibility({ visibilityProperty: true, opacityProperty: false }) &&
    one.getClientRects().length > 0;
  const around = function* (one) {
    for (let up = one.parentElement; up; up = up.parentElement) yield up;
  };
  const scrolls = (one) => {
    const { overflowX } = getComputedStyle(one);
    return ["auto", "scroll"].includes(overflowX) && one.scrollWidth > one.clientWidth + 1;
  };
  // Hidden from the eye on purpose: a pixel wide, or clipped to nothing.
  const isForReaders = (one) => {
    if (one.closest(".visually-hidden, .fr-sr-only")) return true;
    for (let up = one; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      const box = up.getBoundingClientRect();
      if (style.position === "absolute" && box.width <= 1 && box.height <= 1) return true;
      if (style.clipPath.startsWith("inset(50%")) return true;
    }
    return false;
  };

  /* 1.4.10: nothing beyond the edge, but inside a region that scrolls by itself. */
  const sideways = () => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (one) =>
        isShown(one) &&
        !isForReaders(one) &&
        one.getBoundingClientRect().right > width + 1 &&
        ![...around(one)].some(scrolls),
    );
    const last = wide.filter((one) => !wide.some((other) => other !== one && one.contains(other)));
    return [
      `scrolls sideways: ${document.documentElement.scrollWidth} px: ${last.slice(0, 3).map(name).join(", ")}`,
    ];
  };

  /* The header is as high as the name that it holds. */
  const header = () => {
    const [line, brand] = ["body", "service"].map((part) =>
      document.querySelector(`.opus-header .fr-header__${part}`)?.getBoundingClientRect(),
    );
    if (!line || !brand) return [];
    const spills = brand.top < line.top - 4 || brand.bottom > line.bottom + 4;
    return spills ? ["the name spills over the header"] : [];
  };

  /* Such a region is reached by the keyboard, and says what it is. */
  const regions = () =>
    [...document.querySelectorAll("body *")]
      .filter((one) => isShown(one) && scrolls(one) && !isForReaders(one))
      .filter((one) => !["INPUT", "TEXTAREA", "SELECT"].includes(one.tagName))
      .filter(
        (one) =>
          one.getAttribute("tabindex") !== "0" ||
          !(one.getAttribute("aria-label") || one.getAttribute("aria-labelledby")) ||
          !(one.getAttribute("role") || ["SECTION", "NAV"].includes(one.tagName)),
      )
      .map((one) => `a region scrolls without a name or a stop: ${name(one)}`);

  // DSFR's buttons that are an icon: their words are for readers, and in the title.
  const isIcon = (one) =>
    one.tagName === "BUTTON" &&
    one.clientWidth <= 48 &&
    getComputedStyle(one, "::before").content !== "none";

  /* 1.4.12: with wider spacing no text is cut. */
  const cut = () =>
    [...document.querySelectorAll("body *")]
      .filter((one) => isShown(one) && !isForReaders(one) && one.textContent.trim())
      .filter((one) => !["SELECT", "OPTION", "TEXTAREA", "INPUT"].includes(one.tagName))
      .filter((one) => !isIcon(one) && ![...one.querySelectorAll("*")].some(isIcon))
      .filter((one) => {
        const { overflowX, overflowY, textOverflow } = getComputedStyle(one);
        const hides = (value) => ["hidden", "clip"].includes(value);
        return (
          (hides(overflowY) && one.scrollHeight > one.clientHeight + 2) ||
          (hides(overflowX) && one.scrollWidth > one.clientWidth + 2 && textOverflow === "clip")
        );
      })
      .map((one) => `text is cut: ${name(one)}`);

  /* Whoever asks for less motion gets none. */
  const moving = () =>
    document
      .getAnimations()
      .filter((one) => one.playState === "running")
      .map((one) => `moves: ${one.effect?.target ? name(one.effect.target) : "?"}`);

  const edges = (one) =>
    [null, "::before", "::after"].some((pseudo) => {
      const style = getComputedStyle(one, pseudo);
      if (pseudo && style.content === "none") return false;
      const sides = ["Top", "Right", "Bottom", "Left"];
      return (
        sides.some(
          (side) =>
            style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) > 0,
        ) ||
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
      );
    });

  /* In forced colours backgrounds and shadows are gone: an edge or an underline tells. */
  const edgeless = () => {
    const typed = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
    const controls = [...document.querySelectorAll(`${typed}, select, textarea, button, .fr-btn`)];
    const lost = controls
      .filter((one) => isShown(one) && !isForReaders(one) && !edges(one))
      .filter((one) => !getComputedStyle(one).textDecorationLine.includes("underline"))
      .map((one) => `nothing shows its edge: ${name(one)}`);
    const boxes = [...document.querySelectorAll("input[type=checkbox], input[type=radio]")];
    const unmarked = boxes
      .filter((one) => isShown(one) && getComputedStyle(one).appearance === "none")
      .filter((one) => !edges(one) && !(one.labels[0] && edges(one.labels[0])))
      .map((one) => `nothing shows its box: ${name(one)}`);
    const here = [...document.querySelectorAll("[aria-current]:not([aria-current=false])")]
      .filter((one) => isShown(one) && one.matches("nav a, nav button"))
      .filter((one) => {
        const style = getComputedStyle(one);
        const isBold = parseInt(style.fontWeight, 10) >= 600;
        return !edges(one) && !isBold && !style.textDecorationLine.includes("underline");
      })
      // The last step of the path has no link: that tells it.
      .filter((one) => one.hasAttribute("href"))
      .map((one) => `nothing shows where one is: ${name(one)}`);
    return [...lost, ...unmarked, ...here];
  };

  /* Without a script: no button that does nothing, nothing that waits for ever. */
  const dead = () => [
    ...[...document.querySelectorAll("button")]
      .filter((one) => one.type === "button" || !one.form)
      .filter((one) => isShown(one) && !isForReaders(one))
      .map((one) => `a dead button: ${name(one)} ${one.textContent.trim()}`),
    ...[...document.querySelectorAll("main [aria-busy=true]")].map((one) => `waits: ${name(one)}`),
    ...([...document.querySelectorAll("h1")].some(isShown) ? [] : ["its title is not shown"]),
  ];

  /* Where the Tab key should stop, in the order of the page. */
  const stops = () => {
    const all =
      "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]";
    const groups = new Set();
    return [...document.querySelectorAll(all)].filter((one) => {
      if (one.disabled || one.tabIndex < 0 || !isShown(one)) return false;
      if (one.matches("summary") && one.parentElement.tagName !== "DETAILS") return false;
      if (one.type === "radio" && one.name) {
        const key = `${one.form?.id ?? ""} ${[...document.forms].indexOf(one.form)} ${one.name}`;
        const group = [...document.getElementsByName(one.name)].filter(
          (other) => other.form === one.form,
        );
        const checked = group.find((other) => other.checked);
        if (checked ? checked !== one : groups.has(key)) return false;
        groups.add(key);
      }
      return true;
    });
  };

  const hasOutline = (one) => {
    const label = one.labels?.[0];
    return [one, label, one.closest("label")].filter(Boolean).some((shown) =>
      [null, "::before", "::after"].some((pseudo) => {
        const style = getComputedStyle(shown, pseudo);
        if (pseudo && style.content === "none") return false;
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
      }),
    );
  };

  /* 2.4.11: some part of it is neither out of sight nor beneath something that sticks. */
  const isSeen = (one) => {
    const shown = [one, ...(one.labels ?? [])];
    return shown.some((part) =>
      [...part.getClientRects()].some((box) =>
        [0.5, 0.1, 0.9].some((across) => {
          const hit = document.elementFromPoint(
            box.left + box.width * across,
            (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2,
          );
          if (!hit) return false;
          return shown.some((other) => other.contains(hit)) || hit.contains(one);
        }),
      ),
    );
  };

  const begin = () => {
    globalThis.opusStops = stops();
    document.activeElement?.blur?.();
    document.body.tabIndex = -1;
    document.body.focus({ preventScroll: false });
    document.body.removeAttribute("tabindex");
    scrollTo(0, 0);
    return globalThis.opusStops.length;
  };

  const stop = () => {
    const one = document.activeElement;
    if (!one || one === document.body || one === document.documentElement) return null;
    return {
      place: globalThis.opusStops.indexOf(one),
      name: name(one),
      outlined: hasOutline(one),
      seen: isSeen(one),
    };
  };

  let before = null;
  /* One stop further: is it the wanted one, and does it come after the one before it? */
  const step = (wanted) => {
    const one = document.activeElement;
    if (!one || one === document.body || one === document.documentElement) {
      before = null;
      return null;
    }
    const stays = before === one;
    const follows =
      !before?.isConnected ||
      Boolean(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    before = one;
    return {
      // Another part of a date.
      stays,
      follows,
      there: one === wanted,
      skips: one.matches(".fr-skiplinks [href='#contenu']"),
      name: name(one),
      outlined: hasOutline(one),
      seen: isSeen(one),
    };
  };

  const focus = () => {
    const summary = document.getElementById("erreurs");
    if (!summary) return ["no summary of what is wrong"];
    return document.activeElement === summary ? [] : ["the summary has not the cursor"];
  };

  globalThis.opusLooks = { header, sideways, regions, cut, moving, edgeless, dead, focus, begin, stop, step };
})();
