import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sideWords } from './side-words.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-side-words-'))
afterAll(() => rmSync(folder, { recursive: true }))
const beside = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
const words = (name: string) => sideWords(join(folder, `${name}.safetensors`))

test("a person's own words come before those of the site that the file is from", () => {
  beside('style.v2.json', {
    description: '',
    'activation text': 'inkwash,  bold lines ,inkwash',
    'preferred weight': 0.8,
  })
  beside('style.v2.civitai.info', { trainedWords: ['other'] })
  expect(words('style.v2')).toEqual(['inkwash', 'bold lines'])
  beside('cat.json', { 'activation text': '' })
  beside('cat.civitai.info', { id: 3, trainedWords: ['my cat,', 'a photo, of my cat', 7] })
  expect(words('cat')).toEqual(['my cat', 'a photo, of my cat'])
})

test('what makes no sense says nothing', () => {
  beside('broken.json', '{"activation text":')
  beside('broken.civitai.info', { trainedWords: 'cat' })
  beside('large.json', { 'activation text': 'x', notes: 'y'.repeat(2 ** 20) })
  expect(['broken', 'large', 'none'].map(words)).toEqual([undefined, undefined, undefined])
})
