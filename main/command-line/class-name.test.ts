import { expect, test } from 'vitest'
import { drawAClass } from '../../app/operations/draw-a-class.ts'
import { parseCommandLine } from './flags.ts'
import { withClassNumber } from './generate.ts'

const names = () => ['apple', 'Blue Sky']

test('a class may be called by its name or its number; another name is refused with those that there are', () => {
  const given = (word: string) => {
    const line = parseCommandLine(drawAClass, ['--class-label', word])
    return line === 'help' ? {} : withClassNumber(line.parameters, names)
  }
  expect(given('blue sky')).toMatchObject({ classLabel: 1 })
  expect(given('0')).toMatchObject({ classLabel: 0 })
  expect(() => given('pear')).toThrow(
    expect.objectContaining({ code: 'CLASS_UNKNOWN', hint: 'There are apple, Blue Sky.' }),
  )
})
