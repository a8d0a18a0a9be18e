import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { writeDepthNetwork, writePoseMaps } from '../weights/testing-estimators.ts'
import { writeOtherNetwork } from '../weights/testing-segmenters.ts'
import { depthFound, skeletonFound } from './found-in-pictures.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-found-'))
afterAll(() => rmSync(folder, { recursive: true }))
const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
const uniform = (red: number): RgbImage => ({
  ...{ width: 60, height: 40 },
  data: Uint8Array.from({ length: 60 * 40 * 3 }, (_, k) => (k % 3 === 0 ? red : 0)),
})

test('a figure that is found is drawn; where there is none, or nothing that looks, the way out is said', async () => {
  const maps = writePoseMaps(folder)
  const { width, height, data } = await skeletonFound(runtime, maps, uniform(255), 'photo.jpg')
  expect([width, height]).toEqual([60, 40])
  expect(Math.max(...data)).toBeGreaterThan(100)
  await expect(skeletonFound(runtime, maps, uniform(0), 'photo.jpg')).rejects.toMatchObject({
    ...{ code: 'POSE_NONE', message: 'No figure was found in photo.jpg.' },
    hint: 'Place a figure with the pose tool instead.',
  })
  await expect(skeletonFound(runtime, '', uniform(0), 'photo.jpg')).rejects.toMatchObject({
    code: 'POSE_FINDER',
    hint: expect.stringMatching(/^Give a skeleton/),
  })
})

test('a network that is another one than its name says, or none at all, is refused with what to bring', async () => {
  const depth = writeDepthNetwork(folder)
  await expect(skeletonFound(runtime, depth, uniform(9), 'photo.jpg')).rejects.toMatchObject({
    ...{ code: 'ESTIMATOR_KIND', message: expect.stringMatching(/finds no joints of figures: it takes pixel_values/) },
    hint: expect.stringMatching(/^Bring RTMPose, MoveNet/),
  })
  await expect(
    (async () => depthFound(runtime, writeOtherNetwork(folder), uniform(9), 'depth'))(),
  ).rejects.toMatchObject({
    ...{ code: 'ESTIMATOR_KIND', message: expect.stringMatching(/does not say how near things are: it takes/) },
    hint: expect.stringMatching(/^Bring MiDaS or Depth Anything/),
  })
  const letter = join(folder, 'letter.onnx')
  writeFileSync(letter, 'Dear network, how near is it?')
  await expect((async () => depthFound(runtime, letter, uniform(9), 'depth'))()).rejects.toMatchObject({
    ...{ code: 'ONNX_FILE', message: expect.stringContaining(letter) },
    hint: expect.any(String),
  })
  await expect(
    (async () => depthFound(runtime, join(folder, 'gone.onnx'), uniform(9), 'depth'))(),
  ).rejects.toMatchObject({
    code: expect.stringMatching(/^FILE_/),
    hint: expect.any(String),
  })
})
