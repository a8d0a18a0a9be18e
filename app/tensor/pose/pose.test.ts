import { expect, test } from 'vitest'
import { Problem } from '../../problem.ts'
import { drawSkeletons } from './draw-skeleton.ts'
import { branchOf, type Figure, jointAt } from './figure.ts'
import { mirroredFigure, moveJoint } from './move-joint.ts'
import { readOpenPose, writeOpenPose } from './open-pose-json.ts'
import { between, figureIn, postures } from './presets.ts'

const standing = figureIn(postures[0], { x: 64, y: 80 }, 1)
const one = { keepsLengths: true, mirrors: false }
const at = (figure: Figure, joint: number) => {
  const found = jointAt(figure, joint)
  if (found === undefined) throw new Error(`joint ${joint} is hidden`)
  return found
}
const length = (figure: Figure, a: number, b: number) =>
  Math.hypot(at(figure, a).x - at(figure, b).x, at(figure, a).y - at(figure, b).y)

test('a joint goes where it is taken as far as its bone reaches, and takes along what hangs on it', () => {
  const moved = moveJoint(standing, 3, { x: 20, y: 50 }, one)
  expect(length(moved, 2, 3)).toBeCloseTo(length(standing, 2, 3), 6)
  expect(length(moved, 3, 4)).toBeCloseTo(length(standing, 3, 4), 6)
  // It points to where the hand is.
  const [shoulder, elbow] = [at(moved, 2), at(moved, 3)]
  expect(Math.atan2(elbow.y - shoulder.y, elbow.x - shoulder.x)).toBeCloseTo(
    Math.atan2(50 - shoulder.y, 20 - shoulder.x),
    6,
  )
  expect(moved[7]).toEqual(standing[7])
  const free = moveJoint(standing, 3, { x: 20, y: 50 }, { ...one, keepsLengths: false })
  expect(at(free, 3)).toEqual({ x: expect.closeTo(20, 6), y: expect.closeTo(50, 6) })
  const whole = moveJoint(standing, 1, { x: at(standing, 1).x + 5, y: at(standing, 1).y }, one)
  expect(whole.map((joint, k) => Number(joint?.x) - at(standing, k).x)).toEqual(
    standing.map(() => expect.closeTo(5, 6)),
  )
})

test('an elbow does not fold onto the upper arm', () => {
  const shoulder = at(standing, 2)
  const folded = moveJoint(standing, 4, shoulder, one)
  const [elbow, wrist] = [at(folded, 3), at(folded, 4)]
  const angle = (to: { x: number; y: number }) => Math.atan2(to.y - elbow.y, to.x - elbow.x)
  const between = Math.abs(
    Math.atan2(Math.sin(angle(wrist) - angle(shoulder)), Math.cos(angle(wrist) - angle(shoulder))),
  )
  expect((between * 180) / Math.PI).toBeCloseTo(18, 4)
})

test('a mirrored limb follows at the other side of the back', () => {
  const both = moveJoint(standing, 4, { x: 30, y: 40 }, { keepsLengths: true, mirrors: true })
  expect(at(both, 4).x + at(both, 7).x).toBeCloseTo(2 * at(both, 1).x, 4)
  expect(at(both, 4).y).toBeCloseTo(at(both, 7).y, 4)
  expect(mirroredFigure(mirroredFigure(standing)).map(joint => joint?.x)).toEqual(
    standing.map(joint => expect.closeTo(Number(joint?.x), 6)),
  )
})

test('branches end at hands, feet and ears', () => {
  expect(branchOf(2)).toEqual([2, 3, 4])
  expect(branchOf(0)).toEqual([0, 14, 15, 16, 17])
  expect(branchOf(1)).toHaveLength(18)
})

test('figures go to OpenPose files and come back; shares of the canvas, bodies of 25 and other sizes are known', () => {
  const hidden = standing.map((joint, k) => (k === 4 ? null : joint))
  const size = { width: 128, height: 128 }
  const [back] = readOpenPose(writeOpenPose([hidden], size), size)
  expect(back[4]).toBeNull()
  expect(at(back, 0).x).toBeCloseTo(at(standing, 0).x, 2)
  const [large] = readOpenPose(writeOpenPose([standing], size), { width: 256, height: 512 })
  expect(at(large, 1)).toEqual({
    x: expect.closeTo(at(standing, 1).x * 2, 1),
    y: expect.closeTo(at(standing, 1).y * 4, 1),
  })
  const shares = JSON.stringify({ people: [{ pose_keypoints_2d: standing.flatMap(() => [0.5, 0.25, 1]) }] })
  expect(at(readOpenPose(shares, size)[0], 9)).toEqual({ x: 64, y: 32 })
  const of25 = Array.from({ length: 25 }, (_, k) => [k + 10, 20, 1]).flat()
  const [body] = readOpenPose(JSON.stringify({ people: [{ pose_keypoints_2d: of25 }] }), size)
  expect(body.map(joint => Number(joint?.x) - 10)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
  ])
  for (const text of ['no', '{}', '{"people":[]}', '{"people":[{"pose_keypoints_2d":[1,2,3]}]}']) {
    expect(() => readOpenPose(text, size)).toThrow(Problem)
  }
})

test('a figure halfway to another has its joints halfway', () => {
  const sitting = figureIn(postures[8], { x: 64, y: 80 }, 1)
  expect(at(between(standing, sitting, 0.5), 9).y).toBeCloseTo((at(standing, 9).y + at(sitting, 9).y) / 2, 6)
})

test('bones are drawn in their colours, joints over them, and nothing where a joint is hidden', () => {
  const { data } = drawSkeletons([standing], { width: 128, height: 128 })
  const pixel = (x: number, y: number) => [...data.subarray((Math.floor(y) * 128 + Math.floor(x)) * 3).subarray(0, 3)]
  const elbow = at(standing, 3)
  expect(pixel(elbow.x, elbow.y)).toEqual([255, 255, 0])
  const middle = { x: (at(standing, 2).x + elbow.x) / 2, y: (at(standing, 2).y + elbow.y) / 2 }
  expect(pixel(middle.x, middle.y)).toEqual([204, 136, 0])
  const hidden = drawSkeletons([standing.map((joint, k) => (k === 3 ? null : joint))], { width: 128, height: 128 })
  expect([...hidden.data.subarray((Math.floor(middle.y) * 128 + Math.floor(middle.x)) * 3).subarray(0, 3)]).toEqual([
    0, 0, 0,
  ])
})
