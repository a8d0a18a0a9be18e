import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RgbImage } from '../tensor/images.ts'
import { identify } from '../weights/identify.ts'
import { writeDepthNetwork, writePoseMaps, writePosePoints, writePoseRows } from '../weights/testing-estimators.ts'
import { writeMaskNetwork, writeOtherNetwork } from '../weights/testing-segmenters.ts'
import { depthPicture, findFigure } from './estimating.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-estimating-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Brighter to the right. */
const slope: RgbImage = {
  ...{ width: 120, height: 80 },
  data: Uint8Array.from({ length: 120 * 80 * 3 }, (_, i) => 40 + (Math.floor(i / 3) % 120)),
}

/** A red square of 8 x 8 pixels, whose middle is (94, 24), on black. */
const dot: RgbImage = { width: 120, height: 80, data: new Uint8Array(120 * 80 * 3) }
for (let y = 20; y < 28; y++) for (let x = 90; x < 98; x++) dot.data[(y * 120 + x) * 3] = 255

test.each([
  ['predicted_depth', 3],
  ['depth', 4],
  ['797', 4],
] as const)(
  'depth that %s of %d sides gives reaches from black to white, over the whole picture',
  async (name, sides) => {
    const { width, height, data } = await depthPicture(writeDepthNetwork(folder, name, sides), slope, 1)
    const row = Array.from({ length: width }, (_, x) => data[(40 * width + x) * 3])
    expect([width, height]).toEqual([120, 80])
    expect(row[0]).toBeLessThan(6)
    expect(row[119]).toBeGreaterThan(249)
    expect(row[60]).toBeGreaterThan(118)
    expect(row[60]).toBeLessThan(138)
    expect(row).toEqual(row.toSorted((a, b) => a - b))
  },
)

test.each([
  ['heat maps', writePoseMaps],
  ['two rows', writePoseRows],
])('joints of %s are where the network saw them, the neck between the shoulders', async (_, write) => {
  const figure = await findFigure(write(folder), dot, 1)
  expect(figure).toHaveLength(18)
  for (const joint of figure) {
    expect(joint?.x).toBeGreaterThan(88)
    expect(joint?.x).toBeLessThan(100)
    expect(joint?.y).toBeGreaterThan(18)
    expect(joint?.y).toBeLessThan(30)
  }
})

test('a list of joints is put in the order of skeletons; what is not sure is hidden', async () => {
  const figure = await findFigure(writePosePoints(folder), { ...dot, width: 80, height: 120 }, 1)
  // In the order of COCO: the nose is 0, the right wrist 10, the left ankle 15, the right ankle 16.
  const rows = figure.map(joint => joint && Math.round(joint.y))
  expect([rows[0], rows[4], rows[13], rows[10]]).toEqual([0, 60, 90, null])
  expect(rows[1]).toBe(33)
})

test('files say what they are; one that is used for what it is not is told what it takes and gives', async () => {
  expect(identify(writeDepthNetwork(folder)).kind).toBe('depth-network')
  expect(identify(writePoseMaps(folder)).kind).toBe('pose-network')
  expect(identify(writePoseRows(folder)).kind).toBe('pose-network')
  expect(identify(writePosePoints(folder)).kind).toBe('pose-network')
  expect(identify(writeMaskNetwork(folder)).kind).toBe('segmenter')
  const other = writeOtherNetwork(folder)
  await expect(depthPicture(other, slope, 1)).rejects.toMatchObject({
    code: 'ESTIMATOR_KIND',
    message: expect.stringContaining('it takes sample [1, 4, 8, 8], timestep [1] and gives out_sample [1, 4, 8, 8]'),
    hint: expect.stringContaining('Depth Anything'),
  })
  await expect(findFigure(writeDepthNetwork(folder), slope, 1)).rejects.toMatchObject({ code: 'ESTIMATOR_KIND' })
})
