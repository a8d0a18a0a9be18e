import { expect, test } from 'vitest'
import { type Prompt, parsePrompt, promptAt } from '../../app/api/prompt.ts'
import { reweighted, type Selected } from './weights.ts'

/** `|` is the caret, `‹›` the selection. */
function selected(marked: string): Selected {
  const text = marked.replaceAll(/[‸‹›]/g, '')
  const start = marked.search(/[‸‹]/)
  const close = marked.indexOf('›')
  return { text, start, end: close < 0 ? start : close - 1 }
}

function after(marked: string, step: number): string | undefined {
  const before = selected(marked)
  const change = reweighted(before, step)
  if (change === undefined) return undefined
  const text = before.text.slice(0, change.from) + change.by + before.text.slice(change.to)
  const { start, end } = change
  if (start === end) return `${text.slice(0, start)}‸${text.slice(start)}`
  return `${text.slice(0, start)}‹${text.slice(start, end)}›${text.slice(end)}`
}

test.each([
  // Words.
  ['a re‸d fox', 0.1, 'a (re‸d:1.1) fox'],
  ['a red‸ fox', -0.1, 'a (red‸:0.9) fox'],
  ['a ‸red fox', 0.05, 'a (‸red:1.05) fox'],
  ['a fox‸, blue', 0.1, 'a (fox‸:1.1), blue'],
  ['a fo‸x.', 0.1, 'a (fo‸x:1.1).'],
  ['‸', 0.1, undefined],
  ['a  ‸  fox', 0.1, undefined],
  ['a BRE‸AK fox', 0.1, undefined],
  [String.raw`\(fo‸x\)`, 0.1, String.raw`(\(fo‸x\):1.1)`],
  ['🦊‸ fox', 0.1, '(🦊‸:1.1) fox'],
  ['a Füch‸slein', 0.1, 'a (Füch‸slein:1.1)'],
  // Brackets with a number; back to 1.
  ['a (red f‸ox:1.1)', 0.1, 'a (red f‸ox:1.2)'],
  ['a (red fox:1.‸1)', -0.1, 'a red fox‸'],
  ['a (red fox:1.1)‸', -0.1, 'a red fox‸'],
  ['a (fo‸x:1.05)', -0.05, 'a fo‸x'],
  ['(fo‸x:0.05)', -0.1, '(fo‸x:0)'],
  ['(fo‸x:0)', -0.1, undefined],
  ['(fo‸x:-0.5)', 0.1, '(fo‸x:-0.4)'],
  ['(fo‸x: 1.25 )', 0.1, '(fo‸x:1.35)'],
  // Brackets without, and signs.
  ['(f‸ox)', 0.1, '(f‸ox:1.2)'],
  ['(f‸ox)', -0.1, 'f‸ox'],
  ['((f‸ox))', 0.1, '(f‸ox:1.3)'],
  ['[f‸ox]', 0.1, 'f‸ox'],
  ['[f‸ox]', -0.1, '(f‸ox:0.8)'],
  ['(f‸ox)++, a', -0.1, '(f‸ox:1.1), a'],
  ['((f‸ox:1.2))', 0.1, '(f‸ox:1.42)'],
  // Nested: the innermost; words outside of it the outer.
  ['(a (red‸:1.2) fox:1.1)', 0.1, '(a (red‸:1.3) fox:1.1)'],
  ['(a (red:1.2) fo‸x:1.1)', 0.1, '(a (red:1.2) fo‸x:1.2)'],
  ['(a (red‸:1.1) fox:1.1)', -0.1, '(a red‸ fox:1.1)'],
  // What changes by step, choices.
  ['[ca‸t:dog:0.5]', 0.1, '[(ca‸t:1.1):dog:0.5]'],
  ['[cat:dog:0.‸5]', 0.1, undefined],
  ['{2::ca‸t|dog}', 0.1, '{2::(ca‸t:1.1)|dog}'],
  ['{2‸::cat|dog}', 0.1, undefined],
  ['{2‸$$cat|dog}', 0.1, undefined],
  ['{(a|‸b:1.1)|c}', -0.1, '{(a|‸b:1)|c}'],
  // Selections.
  ['a ‹red fox› runs', 0.1, 'a (‹red fox›:1.1) runs'],
  ['a‹ red fox ›runs', 0.1, 'a (‹red fox›:1.1) runs'],
  ['a (‹red fox›:1.1) runs', 0.1, 'a (‹red fox›:1.2) runs'],
  ['a ‹(red fox:1.1)› runs', -0.1, 'a ‹red fox› runs'],
  ['a (‹red› fox:1.2)', 0.1, 'a ((‹red›:1.1) fox:1.2)'],
  ['‹a (red› fox:1.2), b', 0.1, '(‹a (red fox:1.2)›:1.1), b'],
  ['[‹cat:dog›:0.5]', 0.1, '(‹[cat:dog:0.5]›:1.1)'],
  ['‹   ›', 0.1, undefined],
  // Lone brackets are plain text.
  [':( sa‸d', 0.1, ':( (sa‸d:1.1)'],
])('%s by %s', (before, step, wished) => {
  expect(after(before, step)).toBe(wished)
})

/** What weight the word has in a prompt. */
function weightOf(text: string, word: string): number | undefined {
  const prompt: Prompt = parsePrompt(text)
  return promptAt(prompt, 1, 10)
    .flat()
    .find(segment => segment.text.includes(word))?.weight
}

test.each(['fo‸x', 'a fo‸x, b', '(fo‸x)', '[fo‸x]', '(a (b) fo‸x)', '[fo‸x:dog:5]', '{fo‸x|fox}', 'a ‹fox› b'])(
  'twenty steps up and thirty down from %s: the parser reads each weight',
  marked => {
    let { text, start, end } = selected(marked)
    const read = () => weightOf(text, 'fox') ?? Number.NaN
    const spelled = Math.round(read() * 10) / 10
    let wished = spelled
    for (const step of [...Array(20).fill(0.1), ...Array(30).fill(-0.1)] as number[]) {
      const change = reweighted({ text, start, end }, step)
      wished = Math.max(0, Math.round((wished + step) * 100) / 100)
      if (change === undefined) {
        expect(wished).toBe(0)
        continue
      }
      text = text.slice(0, change.from) + change.by + text.slice(change.to)
      start = change.start
      end = change.end
      expect(read()).toBeCloseTo(wished, 9)
    }
  },
)
