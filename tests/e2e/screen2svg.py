#!/usr/bin/python3
"""Renders the screen of a terminal program to SVG: the README's pictures.

usage: screen2svg.py [options] OUT.svg -- COMMAND [ARG ...]

  --size 80x24       columns x rows
  --wait REGEX       take the picture once a row matches (repeatable, in
                     order; default: as soon as anything is drawn)
  --keys KEYS        send these first: text, <Enter>, <Esc>, <Up>, <C-d>;
                     --wait, --keys and --rest take turns in the order
                     given
  --rest SECONDS     do nothing: keys that act want to be typed in peace
  --settle SECONDS   then let it run so long (default 0: for clocks and
                     charts that fill up)
  --light            a terminal with dark text on white
  --title TEXT       a window title above the picture
  --env K=V          more environment (repeatable)

Every run of cells with the same look is one <text> with textLength, so that
columns stay aligned whatever monospace font the viewer has.
"""
import argparse
import html
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import CURSOR, Terminal  # noqa: E402

CELL_W, CELL_H, BASE, FONT = 8.4, 18, 13.5, 14
FAMILY = ("ui-monospace,'DejaVu Sans Mono','Cascadia Mono','SF Mono',Menlo,"
          "Consolas,monospace")
# Drawn as shapes: fonts leave gaps between lines and blocks.
BLOCKS = {chr(0x2581 + i): (i + 1) / 8 for i in range(8)}


def colours(cell, theme):
    fg = theme[0] if cell.fg == "default" else cell.fg
    bg = theme[1] if cell.bg == "default" else cell.bg
    if cell.reverse:
        fg, bg = bg, fg
    if cell.dim:
        mix = [(int(fg[i:i + 2], 16) * 3 + int(bg[i:i + 2], 16) * 2) // 5
               for i in (0, 2, 4)]
        fg = "%02x%02x%02x" % tuple(mix)
    return fg, bg


def runs(cells, look):
    """Yields (first column, columns, look, text) of equal neighbours."""
    start, text = 0, ""
    for x, cell in enumerate(cells):
        if x and look(cell) != look(cells[start]):
            yield start, x - start, look(cells[start]), text
            start, text = x, ""
        text += cell.data
    yield start, len(cells) - start, look(cells[start]), text


def text_runs(cells, theme):
    """Runs of ink; wide and odd characters stand alone to stay in place."""
    look = lambda c: (colours(c, theme)[0], c.bold, c.italics,  # noqa: E731
                      c.underscore)
    for x, n, style, text in runs(cells, look):
        plain = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
        if text.isascii():
            for m in plain.finditer(text):
                yield x + m.start(), len(m[0]), style, m[0]
            continue
        at = x
        for cell in cells[x:x + n]:
            if cell.data.strip():
                yield at, 1, style, cell.data
            at += 1


def number(value):
    return ("%.2f" % value).rstrip("0").rstrip(".")


def braille(x, y, data, fg):
    """The dots of one braille cell."""
    bits = ord(data) - 0x2800
    place = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    return "".join(
        '<circle cx="%s" cy="%s" r="1.35"/>' % (
            number(x + 2.3 + place[i][0] * 3.9),
            number(y + 2.9 + place[i][1] * 4.1))
        for i in range(8) if bits >> i & 1), fg


def svg(screen, theme, title=None, cursor=False):
    """The screen as the text of an SVG document."""
    cols, rows, pad = screen.columns, screen.lines, 10
    top = pad + (26 if title else 0)
    width, height = cols * CELL_W + 2 * pad, rows * CELL_H + top + pad
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" '
           'viewBox="0 0 %s %s">' % ((number(width), number(height)) * 2),
           '<rect width="100%%" height="100%%" rx="8" fill="#%s"/>' %
           theme[1]]
    if title:
        out.append('<text x="50%%" y="22" text-anchor="middle" fill="#%s" '
                   'font-family="sans-serif" font-size="13">%s</text>' %
                   (theme[0], html.escape(title)))
    out.append('<g font-family="%s" font-size="%d" xml:space="preserve" '
               'style="white-space:pre">' % (FAMILY, FONT))
    for y in range(rows):
        cells = [screen.buffer[y][x] for x in range(cols)]
        line = top + y * CELL_H
        for x, n, bg, _ in runs(cells, lambda c: colours(c, theme)[1]):
            if bg != theme[1]:
                out.append('<rect x="%s" y="%s" width="%s" height="%d" '
                           'fill="#%s"/>' % (number(pad + x * CELL_W), line,
                                             number(n * CELL_W), CELL_H, bg))
        for x, n, (fg, bold, italic, under), text in text_runs(cells, theme):
            left = pad + x * CELL_W
            if "\u2800" <= text[0] <= "\u28ff":
                out.append('<g fill="#%s">%s</g>' % (
                    fg, braille(left, line, text[0], fg)[0]))
                continue
            if text[0] in BLOCKS:
                part = BLOCKS[text[0]] * CELL_H
                out.append('<rect x="%s" y="%s" width="%s" height="%s" '
                           'fill="#%s"/>' % (
                               number(left), number(line + CELL_H - part),
                               number(CELL_W), number(part), fg))
                continue
            if text[0] == "\u2500":
                out.append('<rect x="%s" y="%s" width="%s" height="1" '
                           'fill="#%s"/>' % (number(left),
                                             number(line + CELL_H / 2),
                                             number(CELL_W + 0.2), fg))
                continue
            style = (' font-weight="bold"' if bold else "") + \
                (' font-style="italic"' if italic else "") + \
                (' text-decoration="underline"' if under else "")
            fit = ' textLength="%s"' % number(n * CELL_W) if n > 1 else ""
            out.append('<text x="%s" y="%s" fill="#%s"%s%s>%s</text>' % (
                number(left), number(line + BASE), fg, style, fit,
                html.escape(text)))
    if cursor:
        out.append('<rect x="%s" y="%d" width="%s" height="%d" fill="none" '
                   'stroke="#%s"/>' % (
                       number(pad + screen.cursor.x * CELL_W),
                       top + screen.cursor.y * CELL_H, number(CELL_W),
                       CELL_H, theme[0]))
    out.append("</g></svg>\n")
    return "\n".join(out)


class Step(argparse.Action):
    """--wait, --keys and --rest in the order in which they were given."""

    def __call__(self, parser, options, value, flag=None):
        options.steps.append((flag, value))


def main():
    ap = argparse.ArgumentParser(
        usage=__doc__.split("\n\n")[1][7:], add_help=True)
    ap.add_argument("--size", default="80x24")
    ap.add_argument("--wait", action=Step)
    ap.add_argument("--keys", action=Step)
    ap.add_argument("--rest", action=Step)
    ap.add_argument("--settle", type=float, default=0)
    ap.add_argument("--light", action="store_true")
    ap.add_argument("--title")
    ap.add_argument("--env", action="append", default=[])
    ap.add_argument("out")
    ap.add_argument("command", nargs="+")
    ap.set_defaults(steps=[])
    o = ap.parse_args()
    cols, rows = map(int, o.size.split("x"))
    env = dict(pair.split("=", 1) for pair in o.env)
    with Terminal(o.command, size=(rows, cols), env=env,
                  light=o.light) as t:
        t.wait(lambda: t.screen.text().strip(), "first picture")
        for flag, value in o.steps:
            if flag == "--wait":
                t.wait_text(value)
                continue
            if flag == "--rest":
                time.sleep(float(value))
                continue
            for part in re.findall(r"<[\w-]+>|[^<]", value):
                name = part.strip("<>") if len(part) > 1 else part
                if name.startswith("C-"):
                    t.send(chr(ord(name[2].upper()) & 31))
                else:
                    t.key(name)
        time.sleep(o.settle)
        t.settle()
        with t.lock:
            text = svg(t.screen, (t.screen.ink, t.screen.paper), o.title,
                       CURSOR in t.screen.mode)
    with open(o.out, "w") as f:
        f.write(text)


if __name__ == "__main__":
    main()
