import { expect, test } from 'vitest'
import type { Job, OperationInfo } from './api.ts'
import { justEnded } from './notices.ts'

const job = (state: Job['state'], operation = 'text-to-image') => ({ id: 'a', state, operation }) as Job
const question: OperationInfo = {
  ...{ id: 'where-words-look', version: 1, title: '', description: '', parameters: {} },
  answers: true,
}
const ended = (before: Job | undefined, after: Job) =>
  justEnded(before === undefined ? {} : { a: before }, { a: after }, [question]).length

test('a job that ends by itself is told of, once', () => {
  expect(ended(job('running'), job('done'))).toBe(1)
  expect(ended(job('running'), job('failed'))).toBe(1)
  expect(ended(job('done'), job('done'))).toBe(0)
  expect(ended(undefined, job('done'))).toBe(0)
  expect(ended(job('running'), job('cancelled'))).toBe(0)
  expect(ended(job('waiting'), job('running'))).toBe(0)
  expect(ended(job('running', 'check-precision'), job('done', 'check-precision'))).toBe(0)
  expect(ended(job('running', 'where-words-look'), job('done', 'where-words-look'))).toBe(0)
})
