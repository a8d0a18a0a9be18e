import { expect, test } from 'vitest'
import { MODEL, OPERATION } from '../testing/told.ts'
import { complaint, type Field, fieldsOf, fittingValues, isChanged, nearest, sectionsOf, valueInForce } from './form.ts'

const fields = fieldsOf(OPERATION)
const field = (name: string): Field => {
  const found = fields.find(each => each.name === name)
  if (found === undefined) throw new Error(`no field ${name}`)
  return found
}

test('a field for each parameter, in the order of the schema', () => {
  expect(fields.map(each => each.name)).toEqual(Object.keys(Object(OPERATION.parameters.properties)))
})

test('title, unit, group, widget, range and step come from the schema', () => {
  expect(field('steps')).toMatchObject({
    title: 'Steps',
    group: 'sampling',
    widget: 'slider',
    whole: true,
    minimum: 1,
    maximum: 1000,
    softMaximum: 100,
    step: 1,
  })
  expect(field('guidance')).toMatchObject({ whole: false, step: 0.1 })
  expect(field('width').unit).toBe('px')
  expect(field('sampler').choices).toContain('EulerDiscreteScheduler')
})

test('a schema that names no widget or an unknown one still gives a field', () => {
  const parameters = {
    properties: { on: { type: 'boolean' }, much: { type: 'number', widget: 'dial' }, words: { type: 'string' } },
  }
  expect(fieldsOf({ ...OPERATION, parameters }).map(each => [each.title, each.widget, each.group])).toEqual([
    ['on', 'switch', 'advanced'],
    ['much', 'slider', 'advanced'],
    ['words', 'text', 'advanced'],
  ])
})

test('the limits of JavaScript’s whole numbers are no limits of a form', () => {
  const any = { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 }
  const [number] = fieldsOf({ ...OPERATION, parameters: { properties: { any } } })
  expect(number).toMatchObject({ minimum: undefined, maximum: undefined })
})

test('a value is the hand’s, else the model’s, else the schema’s', () => {
  expect(valueInForce(field('steps'), { steps: 12 }, MODEL)).toBe(12)
  expect(valueInForce(field('steps'), {}, MODEL)).toBe(MODEL.defaults.steps)
  expect(valueInForce(field('rescale'), {}, MODEL)).toBe(0)
  expect(isChanged(field('steps'), { steps: MODEL.defaults.steps }, MODEL)).toBe(false)
  expect(isChanged(field('steps'), { steps: 12 }, MODEL)).toBe(true)
})

const complaints: readonly [string, number | undefined, number | undefined, string | undefined, number?][] = [
  ['width', 515, 8, 'Width must be a multiple of 8.', 512],
  ['width', 516.5, 8, 'Width must be a whole number.', 520],
  ['width', 4, 8, 'Width must be from 8 to 8,192.', 8],
  ['width', 9000, 8, 'Width must be from 8 to 8,192.', 8192],
  ['width', 512, 8, undefined],
  ['steps', 0, undefined, 'Steps must be from 1 to 1,000.', 1],
  ['steps', 2.4, undefined, 'Steps must be a whole number.', 2],
  ['guidance', undefined, undefined, 'Guidance must be a number.'],
  ['guidance', 7.25, undefined, undefined],
  ['guidance', -1, undefined, 'Guidance must be from 0 to 100.', 0],
]
for (const [name, value, multiple, sentence, fix] of complaints)
  test(`${name} ${value}: ${sentence ?? 'right'}`, () => {
    const found = complaint(field(name), value, multiple)
    expect(found?.sentence).toBe(sentence)
    expect(found?.fix?.value).toBe(fix)
  })

test('what a complaint offers is right', () => {
  for (const wild of [-1e6, -0.1, 3, 7.7, 515, 1e9])
    for (const name of ['width', 'steps', 'guidance', 'rescale', 'count']) {
      const multiple = name === 'width' ? 24 : undefined
      const offered = nearest(field(name), wild, multiple ?? (field(name).whole ? 1 : undefined))
      expect(complaint(field(name), offered, multiple)).toBeUndefined()
    }
})

test('of foreign values only those are kept that the form can take', () => {
  const foreign = {
    prompt: 'a cat',
    steps: 0,
    guidance: 7,
    sampler: 'Nobody',
    seed: 18446744073709551615n,
    karras: 'yes',
    longPrompts: 'stretch',
    width: 8,
    loras: [1],
  }
  expect(fittingValues(fields, foreign)).toEqual({
    prompt: 'a cat',
    guidance: 7,
    seed: '18446744073709551615',
    width: 8,
  })
})

test('colours, lines, pictures and classes of a recipe come back; numbers in their place do not', () => {
  const standing = field('steps')
  for (const widget of ['colour', 'line', 'reference', 'class name'] as const) {
    const asked: Field = { ...standing, name: 'guide', widget }
    expect(fittingValues([asked], { guide: '#ff8800' })).toEqual({ guide: '#ff8800' })
    expect(fittingValues([asked], { guide: 3 })).toEqual({})
  }
})

test('sections stand in the order of the design; words and rare things are folded', () => {
  const sections = sectionsOf(fields)
  expect(sections.map(({ title, folded }) => [title, folded])).toEqual([
    ['Sampling', false],
    ['Picture', false],
    ['Concepts', false],
    ['Negative prompt', true],
    ['Advanced', true],
  ])
  expect(sections.flatMap(section => section.fields)).not.toContain(field('prompt'))
})

test('in a section the choice stands first, whatever the order of the schema', () => {
  const mixed = [field('guidance'), field('steps'), field('sampler')]
  expect(sectionsOf(mixed)[0]?.fields.map(each => each.name)).toEqual(['sampler', 'guidance', 'steps'])
})
