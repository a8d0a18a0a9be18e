import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Problem } from '../../problem.ts'
import { escapePrompt, type Prompt, type PromptPart, parsePrompt } from './parse.ts'
import { promptAt, schedulePrompts } from './schedule.ts'

/** Words with their weights, as the web UI's parser lists them; sections are parted by BREAK. */
const weights = (text: string) =>
  promptAt(parsePrompt(text), 1, 1)
    .map(section => section.map(({ text, weight }) => `${text}=${Number(weight.toFixed(6))}`).join('/'))
    .join(' BREAK ')

test.each([
  ['a red fox', 'a red fox=1'],
  ['a (red) fox', 'a =1/red=1.1/ fox=1'],
  ['a ((red)) fox', 'a =1/red=1.21/ fox=1'],
  ['a (red:1.3) fox', 'a =1/red=1.3/ fox=1'],
  ['a (red: 1.3 ) fox', 'a =1/red=1.3/ fox=1'],
  ['(red:.5)', 'red=0.5'],
  ['(red:-1)', 'red=-1'],
  ['a [red] fox', 'a =1/red=0.909091/ fox=1'],
  ['[[red]]', 'red=0.826446'],
  ['(a (red:1.5) fox:2)', 'a =2/red=3/ fox=2'],
  ['([red])', 'red=1'],
  ['(a)(b)', 'ab=1.1'],
  ['(red:1.0) fox', 'red fox=1'],
  ['(at 12:30)', 'at 12=30'],
  ['(at 12\\:30)', 'at 12:30=1.1'],
  ['(a:b:1.2)', 'a:b=1.2'],
  ['(a:1.2.3)', 'a:1.2.3=1.1'],
  ['\\(red\\) \\[fox\\] \\\\', '(red) [fox] \\=1'],
  ['(a \\) b)', 'a ) b=1.1'],
  ['()', ''],
  ['[a:b]', 'a:b=0.909091'],
  ['a BREAK b', 'a=1 BREAK b=1'],
  ['a BREAK BREAK b', 'a=1 BREAK  BREAK b=1'],
  ['(a BREAK b:1.5)', 'a=1.5 BREAK b=1.5'],
  ['BREAKFAST', 'BREAKFAST=1'],
])('%s is read as %s', (text, read) => {
  expect(weights(text)).toBe(read)
})

test.each([
  ['a (red)++ fox', 'a =1/red=1.21/ fox=1'],
  ['(red)+', 'red=1.1'],
  ['(red)--', 'red=0.81'],
  ['((red)+ fox)++, oil', 'red=1.331/ fox=1.21/, oil=1'],
  ['(red)+fox', 'red=1.1/+fox=1'],
  ['C++ (red)-haired', 'C++ =1/red=1.1/-haired=1'],
])('signs after brackets as in compel: %s is read as %s', (text, read) => {
  expect(weights(text)).toBe(read)
})

test.each([
  'a photo: a fox, at 12:30',
  'hello :) and :( and ;-]',
  'a (red fox',
  'a red) fox]',
  'a [red fox:0.5',
  'C:\\pictures\\fox',
  'a | b',
  'C++ and --fast',
  '} {',
  'CATS AND DOGS',
  '100% <lora:x:1>',
  '',
])('plain text stays as it is: %s', text => {
  expect(parsePrompt(text)).toEqual(text === '' ? [] : [{ kind: 'text', text }])
})

test('of brackets that cross, those that close first count', () => {
  expect(weights('(a [b) c]')).toBe('a [b=1.1/ c]=1')
})

/** What a prompt says over ten steps, each change with the last step that it holds for. */
function script(text: string, steps = 10): string {
  const { states, stateAt } = schedulePrompts([parsePrompt(text)], steps)
  const said = stateAt.map(state =>
    states[state][0]
      .flat()
      .map(({ text }) => text)
      .join(''),
  )
  return said.flatMap((words, k) => (words === said[k + 1] ? [] : [`${k + 1} ${words}`])).join(' / ')
}

// By the web UI's rules: a number with a point is a share of the steps, cut to whole steps; else it counts steps.
test.each([
  ['a [cat:dog:4]', '4 a cat / 10 a dog'],
  ['a [cat:dog:0.4]', '4 a cat / 10 a dog'],
  ['a [cat:dog:.46]', '4 a cat / 10 a dog'],
  ['a [cat:dog: 4 ]', '4 a cat / 10 a dog'],
  ['a[ cat:3]', '3 a / 10 a cat'],
  ['a[ cat::3]', '3 a cat / 10 a'],
  ['[cat:dog:0]', '10 dog'],
  ['[cat:dog:-3]', '10 dog'],
  ['[cat:dog:1.0]', '10 cat'],
  ['[cat:dog:1]', '1 cat / 10 dog'],
  ['[cat:dog:400]', '10 cat'],
  ['[a:[b:c:7]:2]', '2 a / 7 b / 10 c'],
  ['[(a:1.2):(b:0.8):5]', '5 a / 10 b'],
  ['[a:b:c:5]', '10 a:b:c:5'],
  ['[a|b:3]', '10 a|b:3'],
  ['((a [b:c:5]', '5 ((a b / 10 ((a c'],
  ['x [a:b:5] | y', '5 x a | y / 10 x b | y'],
])('%s says %s', (text, said) => {
  expect(script(text)).toBe(said)
})

test('words in turn change with every step', () => {
  expect(script('[cow|horse]', 4)).toBe('1 cow / 2 horse / 3 cow / 4 horse')
  expect(script('[fe|]male', 3)).toBe('1 female / 2 male / 3 female')
  expect(script('[a|b|[c|d]]', 6)).toBe('1 a / 2 b / 3 c / 4 a / 5 b / 6 d')
})

test('each different state is listed once, of several prompts together', () => {
  const { states, stateAt } = schedulePrompts(['[a|b]', 'x [y:2]'].map(parsePrompt), 4)
  expect(stateAt).toEqual([0, 1, 2, 3])
  expect(states.length).toBe(4)
  expect(schedulePrompts(['[a|b]', 'x'].map(parsePrompt), 5).stateAt).toEqual([0, 1, 0, 1, 0])
  expect(schedulePrompts([parsePrompt('(a) b')], 1000).states.length).toBe(1)
})

test('a weight that can only be a slip is refused with its words', () => {
  const read = () => promptAt(parsePrompt('((sharp eyes:400):400)'), 1, 1)
  expect(read).toThrow(Problem)
  expect(read).toThrow('The words "sharp eyes" in the prompt have a weight of 1.60e+5.')
})

// ---- Properties --------------------------------------------------------------------------------------------------

/** Words as people write them, with everything that could be syntax. */
const text = fc
  .string({ unit: fc.constantFrom(...'ab ,:|()[]{}\\_+-é1.'), minLength: 1, maxLength: 8 })
  .map(words => `w${words}`)

const factor = fc.integer({ min: -300, max: 300 }).map(hundredths => hundredths / 100)
const when = fc.oneof(
  fc.integer({ min: 0, max: 99 }).map(step => ({ step })),
  fc.integer({ min: 0, max: 99 }).map(hundredths => ({ share: hundredths / 100 })),
)

const { prompt } = fc.letrec<{ prompt: Prompt; part: PromptPart }>(tie => ({
  part: fc.oneof(
    { maxDepth: 3 },
    text.map(text => ({ kind: 'text', text }) as const),
    fc.record({ kind: fc.constant('weighted' as const), factor, parts: tie('prompt') }),
    fc.record({ kind: fc.constant('edit' as const), before: tie('prompt'), after: tie('prompt'), when }),
    fc.record({
      kind: fc.constant('alternate' as const),
      options: fc.array(tie('prompt'), { minLength: 2, maxLength: 3 }),
    }),
    fc.constant({ kind: 'break' } as const),
  ),
  // Two texts side by side are one.
  prompt: fc
    .array(tie('part'), { maxLength: 3 })
    .map(parts => parts.filter((part, k) => part.kind !== 'text' || parts[k - 1]?.kind !== 'text')),
}))

const print = (prompt: Prompt): string => prompt.map(printPart).join('')

function printPart(part: PromptPart): string {
  switch (part.kind) {
    case 'text':
      return escapePrompt(part.text)
    case 'break':
      return ' BREAK '
    case 'weighted':
      return `(${print(part.parts)}:${part.factor.toFixed(2)})`
    case 'edit':
      return `[${print(part.before)}:${print(part.after)}:${'step' in part.when ? part.when.step : part.when.share.toFixed(2)}]`
    case 'alternate':
      return `[${part.options.map(print).join('|')}]`
  }
}

/** Spaces beside a BREAK are its own. */
const withoutEdges = (prompt: Prompt): Prompt =>
  prompt.flatMap((part, k): PromptPart[] => {
    if (part.kind === 'weighted') return [{ ...part, parts: withoutEdges(part.parts) }]
    if (part.kind === 'alternate') return [{ ...part, options: part.options.map(withoutEdges) }]
    if (part.kind === 'edit') return [{ ...part, before: withoutEdges(part.before), after: withoutEdges(part.after) }]
    if (part.kind !== 'text' || prompt[k + 1]?.kind !== 'break') return [part]
    return [{ kind: 'text', text: part.text.trimEnd() }]
  })

test('what is printed is read again as it was', () => {
  fc.assert(
    fc.property(prompt, prompt => {
      expect(parsePrompt(print(prompt))).toEqual(withoutEdges(prompt))
    }),
    { numRuns: 500 },
  )
})

test('escaped text is read word for word, and text without brackets and backslashes is untouched', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const plain = text.replaceAll('BREAK', '')
      expect(parsePrompt(escapePrompt(plain))).toEqual(plain === '' ? [] : [{ kind: 'text', text: plain }])
      const simple = plain.replaceAll(/[()[\]\\]/g, '').replaceAll('BREAK', '')
      expect(parsePrompt(simple)).toEqual(simple === '' ? [] : [{ kind: 'text', text: simple }])
    }),
    { numRuns: 500 },
  )
})

test('weights multiply, however deep', () => {
  const factors = fc.array(
    fc.integer({ min: 50, max: 200 }).map(hundredths => hundredths / 100),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(factors, fc.nat(8), fc.nat(8), (factors, round, square) => {
      const open = '('.repeat(round) + '['.repeat(square) + '('.repeat(factors.length)
      const close = `${factors.map(factor => `:${factor})`).join('')}${']'.repeat(square)}${')'.repeat(round)}`
      const [[segment]] = promptAt(parsePrompt(`${open}fox${close}`), 1, 1)
      const product = factors.reduce((product, factor) => product * factor, 1.1 ** (round - square))
      expect(segment.text).toBe('fox')
      expect(segment.weight / product).toBeCloseTo(1, 10)
    }),
  )
})

test('any text is read, and quickly: thousands of brackets too', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'()[]{}|:\\1.a '), maxLength: 60 }), text => {
      try {
        schedulePrompts([parsePrompt(text)], 3)
      } catch (error) {
        expect(error).toMatchObject({ code: 'PROMPT_WEIGHT' })
      }
    }),
    { numRuns: 1000 },
  )
  const start = performance.now()
  for (const text of [
    '('.repeat(10_000) + ']'.repeat(10_000),
    '('.repeat(10_000) + ')'.repeat(10_000),
    '[a|'.repeat(6000),
  ]) {
    parsePrompt(text)
  }
  expect(performance.now() - start).toBeLessThan(1000)
})
