import { expect, test } from 'vitest'
import { mostAtOnce, questionOf } from './kinds.ts'
import { frameOfPicture, layersOfFile, placeInFrame, plainName } from './placing.ts'

const file = {
  ...{ width: 20, height: 10 },
  layers: [
    { kind: 'image', name: '', depth: 0, opacity: 0.5, blend: 'multiply', isVisible: true, left: 3, top: -2 },
    { kind: 'group', name: 'G', depth: 0, opacity: 1, blend: 'normal', isVisible: false, left: 0, top: 0 },
    { kind: 'image', name: 'in', depth: 1, opacity: 1, blend: 'normal', isVisible: true, left: 0, top: 0 },
    { kind: 'image', name: 'out', depth: 0, opacity: 1, blend: 'normal', isVisible: true, left: 0, top: 0 },
  ].map(layer => ({ ...layer, width: 4, height: 4 })),
} as Parameters<typeof layersOfFile>[0]

test('layers of a file keep names, looks, groups and places', () => {
  const cut = file.layers.map(() => ({ tiles: { '0,0': 'a' }, bytes: new Map() }))
  const [first, group, inside, last] = layersOfFile(file, cut, 'tower', [2, 0, 0, 2, 10, 20])
  expect(first).toMatchObject({ name: 'tower', opacity: 0.5, blend: 'multiply', transform: [2, 0, 0, 2, 16, 16] })
  expect(group).toMatchObject({ kind: 'group', name: 'G', isVisible: false, tiles: {}, parent: null })
  expect(inside?.parent).toBe(group?.id)
  expect(last?.parent).toBeNull()
  expect(layersOfFile(file, cut, 'tower', [1, 0, 0, 1, 0, 0], 'outer')[0]?.parent).toBe('outer')
})

test('a picture comes into the middle of the frame, smaller only where it is too large', () => {
  const frame = { x: 10, y: 20, width: 100, height: 100 }
  expect(placeInFrame({ width: 50, height: 20 }, frame)).toEqual([1, 0, 0, 1, 35, 60])
  expect(placeInFrame({ width: 400, height: 200 }, frame)).toEqual([0.25, 0, 0, 0.25, 10, 45])
})

test('the frame of a picture is as large as the next picture, and never larger than the picture', () => {
  expect(frameOfPicture({ width: 1000, height: 800 }, { width: 512, height: 512 })).toEqual({
    ...{ x: 244, y: 144, width: 512, height: 512 },
  })
  expect(frameOfPicture({ width: 100, height: 300 }, { width: 512, height: 256 })).toEqual({
    ...{ x: 0, y: 125, width: 100, height: 50 },
  })
  expect(frameOfPicture({ width: 7, height: 9 }, undefined)).toEqual({ x: 0, y: 0, width: 7, height: 9 })
})

test('many files are counted, and what is left out is said', () => {
  const named = (name: string) => new File([], name)
  const files = Array.from({ length: 500 }, (_, k) => named(`${k}.png`))
  const asked = questionOf([...files, named('a.txt')], ['holiday'])
  expect(asked.pictures.length).toBe(mostAtOnce)
  expect(asked.pictures.at(-1)?.name).toBe('99.png')
  expect(asked.title).toBe('Open 100 pictures of “holiday”?')
  expect(asked.words).toContain('There are 500; the first 100 by name are taken. 1 other file is left out.')
  expect(questionOf([named('a.txt')], []).pictures).toEqual([])
})

test('a document is named by its file', () => {
  expect(plainName('tower.final.psd')).toBe('tower.final')
  expect(plainName('.png')).toBe('.png')
  expect(plainName('x'.repeat(300)).length).toBe(200)
})
