import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { classPrompts, vocabularyOf } from './class-prompts.ts'

const captions = ['a sks toy dog, 3d style', 'a sks toy dog, on a red background', 'a sofa']
const concept = { identifier: 'sks', class: 'toy dog' }

test('class images show the class, and more often other things in its place', () => {
  const prompts = classPrompts(captions, concept, ['boat', 'lamp'], 9)
  expect(prompts[0]).toBe('a toy dog, 3d style')
  expect(prompts[4]).toBe('a toy dog, on a red background')
  expect(prompts[8]).toBe('a sofa')
  expect(prompts[1]).toMatch(/^a (boat|lamp), on a red background$/)
  expect(prompts[2]).toMatch(/^a (boat|lamp)$/)
  expect(prompts[3]).toMatch(/^a (boat|lamp), 3d style$/)
  expect(prompts[5]).toMatch(/^a (boat|lamp)$/)
  expect(prompts.some(prompt => prompt.includes('sks'))).toBe(false)
  expect(classPrompts(captions, concept, ['boat', 'lamp'], 9)).toEqual(prompts)
  expect(new Set(prompts.join(' ').match(/boat|lamp/g)).size).toBe(2)
})

test('without words to take, all of them show the class; without a class, the identifier is what is replaced', () => {
  const all = classPrompts(captions.slice(0, 2), concept, [], 3)
  expect(all).toEqual(['a toy dog, 3d style', 'a toy dog, on a red background', 'a toy dog, 3d style'])
  const [, other] = classPrompts(['a sks, 3d style'], { identifier: 'sks', class: '' }, ['boat'], 2)
  expect(other).toBe('a boat, 3d style')
})

test("a model's words are the whole ones of its tokenizer", () => {
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 32 })
  const words = vocabularyOf(new Checkpoint('native-models/sticker-world', runtime))
  expect(words).toEqual(expect.arrayContaining(['banana', 'rocket', 'pirate']))
  expect(words.length).toBeGreaterThan(1000)
  expect(words.every(word => /^\p{L}{3,}$/u.test(word))).toBe(true)
})
