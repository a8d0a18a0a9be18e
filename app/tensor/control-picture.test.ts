import { expect, test } from 'vitest'
import { type ControlResize, controlPicture, controlResizes, misproportion, resizeWords } from './control-picture.ts'

const uniform = (width: number, height: number, level: number) => ({
  ...{ width, height },
  data: new Uint8Array(width * height * 3).fill(level),
})
const square = { width: 16, height: 16 }

/** How many pixels of the first column, and of the first row, are white. */
function bright(picture: { width: number; height: number }, resize: ControlResize) {
  const { data } = controlPicture(uniform(picture.width, picture.height, 255), { prepare: 'none', resize }, square)
  const at = (x: number, y: number) => data[(y * 16 + x) * 3] === 255
  const count = (is: (k: number) => boolean) => Array.from({ length: 16 }, (_, k) => is(k)).filter(Boolean).length
  return { down: count(k => at(8, k)), across: count(k => at(k, 8)) }
}

test('pictures of other proportions are cut, framed in black, or stretched, whichever side is longer and whatever their size', () => {
  for (const [width, height] of [
    [40, 20],
    [8, 4],
    [1000, 500],
  ]) {
    expect(bright({ width, height }, 'fit')).toEqual({ down: 8, across: 16 })
    expect(bright({ width: height, height: width }, 'fit')).toEqual({ down: 16, across: 8 })
    for (const resize of ['fill', 'stretch'] as const) {
      expect(bright({ width, height }, resize)).toEqual({ down: 16, across: 16 })
      expect(bright({ width: height, height: width }, resize)).toEqual({ down: 16, across: 16 })
    }
  }
})

test('what is cut is the sides, what is stretched keeps them; the border of what lies inside is no edge', () => {
  const marked = uniform(32, 16, 0)
  for (let y = 0; y < 16; y++) marked.data.fill(255, y * 96, y * 96 + 12) // the four columns at the left
  const left = (resize: ControlResize) => controlPicture(marked, { prepare: 'none', resize }, square).data[8 * 48]
  expect(left('fill')).toBe(0)
  expect(left('stretch')).toBe(255)
  const { data } = controlPicture(uniform(40, 20, 200), { prepare: 'edges', resize: 'fit' }, square)
  expect(Math.max(...data)).toBe(0)
})

test('what becomes of other proportions is said; of the same ones nothing', () => {
  const size = { width: 512, height: 512 }
  expect(misproportion({ width: 1024, height: 1024 }, size)).toBeUndefined()
  expect(misproportion({ width: 513, height: 512 }, size)).toBeUndefined()
  expect(misproportion({ width: 640, height: 480 }, size)).toEqual({ isWider: true, share: 0.25 })
  const words = (width: number, height: number) =>
    controlResizes.map(resize => resizeWords('photo.jpg', { width, height }, size, resize))
  expect(words(256, 256)).toEqual([undefined, undefined, undefined])
  expect(words(640, 480)).toEqual([
    'photo.jpg is 640 × 480, what is drawn 512 × 512: 25 % of it is cut off left and right (fill; fit or stretch would be other ways).',
    'photo.jpg is 640 × 480, what is drawn 512 × 512: 25 % stays black above and below (fit; fill or stretch would be other ways).',
    'photo.jpg is 640 × 480, what is drawn 512 × 512: it is stretched by 25 % (stretch; fill or fit would be other ways).',
  ])
  expect(words(480, 640)[0]).toMatch(/25 % of it is cut off above and below/)
  expect(words(480, 640)[1]).toMatch(/25 % stays black left and right/)
})
