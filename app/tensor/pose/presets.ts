import type { Figure, Joint } from './figure.ts'

/** Angles of two bones in degrees: 0 hangs straight down, positive goes outwards. */
type Limb = readonly [upper: number, lower: number]

interface Posture {
  readonly title: string
  readonly rightArm: Limb
  readonly leftArm: Limb
  readonly rightLeg: Limb
  readonly leftLeg: Limb
  /** How far the back leans to the figure's left, in degrees. */
  readonly lean?: number
  /** How far the hips are lowered, in the figure's own unit. */
  readonly drop?: number
}

const arm: Limb = [18, 12]
const leg: Limb = [7, 2]
const straight = { rightArm: arm, leftArm: arm, rightLeg: leg, leftLeg: leg }

/** Postures to begin with: the middle of those that the embedded model's characters were drawn in. */
export const postures = [
  { title: 'Standing', ...straight },
  { title: 'Waving', ...straight, rightArm: [115, 165] },
  { title: 'Hands on hips', ...straight, rightArm: [52, -48], leftArm: [52, -48] },
  { title: 'Arms up', ...straight, rightArm: [150, 165], leftArm: [150, 165] },
  { title: 'Jumping', rightArm: [125, 150], leftArm: [125, 150], rightLeg: [38, -25], leftLeg: [38, -25], drop: -9.5 },
  { title: 'Kicking', rightArm: [30, 40], leftArm: [70, 80], rightLeg: [75, 80], leftLeg: leg, lean: 6 },
  { title: 'Running', rightArm: [45, 110], leftArm: [20, -50], rightLeg: [10, -30], leftLeg: [48, 5], lean: 5 },
  { title: 'Dancing', rightArm: [120, 60], leftArm: [60, -55], rightLeg: [22, 2], leftLeg: [35, -40], lean: 7 },
  { title: 'Sitting', ...straight, rightLeg: [72, 5], leftLeg: [72, 5], drop: 10 },
  { title: 'Pointing', ...straight, rightArm: [90, 90] },
] as const satisfies readonly Posture[]

/** Lengths in a unit of which a standing figure has 80. */
const lengths = {
  ...{ torso: 24, shoulder: 11, hip: 6.5, upperArm: 12.5, lowerArm: 12.5, thigh: 14.5, shin: 14.5, neck: 5, head: 15 },
}

/** A figure in a posture. @param centre where the middle of the hips of a standing one is  @param scale pixels of the unit; 1 for pictures of 128 pixels */
export function figureIn(posture: Posture, centre: Joint, scale: number): Figure {
  const at = (x: number, y: number): Joint => ({ x: centre.x + x * scale, y: centre.y + y * scale })
  const { lean = 0, drop = 0 } = posture
  const [upX, upY] = [Math.sin(radians(lean)), -Math.cos(radians(lean))]
  const { torso, shoulder, hip, head } = lengths
  const neck = [upX * torso, drop + upY * torso] as const
  // Across the body, towards the figure's left.
  const beside = ([x, y]: readonly [number, number], by: number, down = 0) =>
    [x - upY * by, y + upX * by + down] as const
  const hips = [0, drop] as const
  const arms = [
    limb(beside(neck, -shoulder, 2), posture.rightArm, lengths.upperArm, lengths.lowerArm, -1),
    limb(beside(neck, shoulder, 2), posture.leftArm, lengths.upperArm, lengths.lowerArm, 1),
  ]
  const legs = [
    limb(beside(hips, -hip), posture.rightLeg, lengths.thigh, lengths.shin, -1),
    limb(beside(hips, hip), posture.leftLeg, lengths.thigh, lengths.shin, 1),
  ]
  const reach = lengths.neck + head * 0.8
  const [x, y] = [neck[0] + upX * reach, neck[1] + upY * reach]
  const face = [
    [x, y + head * 0.22],
    [x - head * 0.36, y - head * 0.06],
    [x + head * 0.36, y - head * 0.06],
    [x - head * 0.95, y + head * 0.02],
    [x + head * 0.95, y + head * 0.02],
  ] as const
  return [face[0], neck, ...arms.flat(), ...legs.flat(), ...face.slice(1)].map(([x, y]) => at(x, y))
}

function limb(
  [x, y]: readonly [number, number],
  [upper, lower]: Limb,
  first: number,
  second: number,
  side: 1 | -1,
): (readonly [number, number])[] {
  const along = (angle: number, length: number) =>
    [side * Math.sin(radians(angle)) * length, Math.cos(radians(angle)) * length] as const
  const [dx, dy] = along(upper, first)
  const [ex, ey] = along(lower, second)
  return [
    [x, y],
    [x + dx, y + dy],
    [x + dx + ex, y + dy + ey],
  ]
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** A figure on the way from one to another. @param share 0 to 1 */
export const between = (from: Figure, to: Figure, share: number): Figure =>
  to.map((end, k) => {
    const start = from[k] ?? undefined
    if (end === null || start === undefined) return end
    return { x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share }
  })
