import { expect, test } from 'vitest'
import { recipe, testLibrary } from './testing.ts'

/** A library whose pictures have these prompts, the last one the newest. The files are not looked at. */
async function withPrompts(prompts: readonly string[]) {
  const library = testLibrary()
  const blob = await library.blobs.put(Buffer.from('a picture'), 'image/png')
  library.images.add(prompts.map(prompt => ({ blob, width: 8, height: 8, index: 0, recipe: recipe({ prompt }) })))
  return library.promptHistory
}

test('pieces and words of earlier prompts go on with what was typed', async () => {
  const history = await withPrompts([
    'a fox, cartoon style',
    'a Füchslein, (carved wood:1.2)',
    'an owl, cartoon style, soft light',
    'a cat, Cartoon style',
  ])
  expect(history.suggest('car', 8)).toEqual({
    phrases: ['Cartoon style', 'cartoon style', 'carved wood'],
    words: ['Cartoon', 'carved'],
  })
  expect(history.suggest(' cartoon st', 8)).toEqual({ phrases: ['Cartoon style', 'cartoon style'], words: ['style'] })
  expect(history.suggest('fuch', 8).words).toEqual(['Füchslein'])
  expect(history.suggest('füch', 8).words).toEqual(['Füchslein'])
  expect(history.suggest('soft', 8)).toEqual({ phrases: ['soft light'], words: [] })
  expect(history.suggest('c', 8)).toEqual({ phrases: [], words: [] })
  expect(history.suggest('" OR (*', 8)).toEqual({ phrases: [], words: [] })
})

test('earlier prompts, each once, the newest first', async () => {
  const history = await withPrompts(['a', 'b', 'a', 'c', 'c', ''])
  expect(history.recent(10)).toEqual(['c', 'a', 'b'])
  expect(history.recent(1)).toEqual(['c'])
})
