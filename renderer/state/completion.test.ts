import { expect, test } from 'vitest'
import type { ModelInfo } from './api.ts'
import { localOptions, type Option, offered, taken, typedAt } from './completion.ts'

const earlier = (text: string): Option => ({ text, from: 'earlier prompt' })

test.each([
  ['a red fo‸', { phrase: 'a red fo', word: 'fo' }],
  ['a fox, carto‸', { phrase: 'carto', word: 'carto' }],
  ['a fox, (carto‸', { phrase: 'carto', word: 'carto' }],
  ['a fox,\nsoft li‸', { phrase: 'soft li', word: 'li' }],
  ['a __ani‸', { phrase: 'a __ani', word: '__ani' }],
  ['a fo‸x', undefined],
  ['a f‸', undefined],
  ['a fox ‸', undefined],
  ['‸', undefined],
])('%s', (marked, wished) => {
  const caret = marked.indexOf('‸')
  const found = typedAt(marked.replace('‸', ''), caret)
  expect(found).toEqual(wished && { ...wished, caret })
})

function write(text: string, option: Option): string {
  const typed = typedAt(text, text.length)
  if (typed === undefined) return text
  const { from, to, by } = taken(typed, option)
  return text.slice(0, from) + by + text.slice(to)
}

test('an option takes the place of the phrase that it goes on with, else of the word', () => {
  expect(write('a fox, cartoon st', earlier('Cartoon style'))).toBe('a fox, Cartoon style')
  expect(write('a red fo', earlier('fox'))).toBe('a red fox')
  expect(write('a __an', { text: '__animal__', from: 'wildcard' })).toBe('a __animal__')
})

test('what goes on with the words is offered once; what is written already is not', () => {
  const typed = { phrase: 'cartoon', word: 'cartoon', caret: 7 }
  const options = ['cartoon style', 'Cartoon Style', 'cartoon', 'a cartoon', 'cartoon, bold'].map(earlier)
  expect(offered(typed, options).map(({ text }) => text)).toEqual(['cartoon style', 'cartoon, bold'])
  expect(offered({ phrase: 'fuch', word: 'fuch', caret: 4 }, [earlier('Füchslein')])).toHaveLength(1)
})

const model = (change: Partial<ModelInfo>) => ({ id: 'x', name: 'X', path: '/x', examples: [], ...change }) as ModelInfo

test('trigger words, learned words, wildcards and examples; nothing of what suits another model', () => {
  const others = [
    model({ kind: 'lora', family: 'sd1', triggerWords: ['sks fox', 'fur'] }),
    model({ kind: 'lora', family: 'sdxl', triggerWords: ['other'] }),
    model({ kind: 'embedding', path: '/e/my-cat.pt' }),
    model({ kind: 'vae' }),
  ]
  const own = model({ kind: 'checkpoint', family: 'sd1', examples: ['a fox, cartoon style'] })
  expect(localOptions(own, others, ['animal']).map(({ text, from }) => `${from}: ${text}`)).toEqual([
    ...['LoRA: sks fox', 'LoRA: fur', 'embedding: my-cat', 'wildcard: __animal__'],
    ...['example: a fox', 'example: cartoon style'],
  ])
})
