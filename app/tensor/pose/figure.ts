/* Skeletons as OpenPose writes them (Cao et al. 2019, arXiv:1812.08008): 18 joints in COCO's order with a neck, right and left as the figure has
 * them, so its right is at the left of the picture where it looks at us. */

/** A place in pixels, x to the right and y down. */
export interface Joint {
  readonly x: number
  readonly y: number
}

/** 18 joints; null where one is hidden. */
export type Figure = readonly (Joint | null)[]

/** What the joints are called, in their order. */
export const jointNames = [
  ...['Nose', 'Neck', 'Right shoulder', 'Right elbow', 'Right wrist', 'Left shoulder', 'Left elbow', 'Left wrist'],
  ...['Right hip', 'Right knee', 'Right ankle', 'Left hip', 'Left knee', 'Left ankle'],
  ...['Right eye', 'Left eye', 'Right ear', 'Left ear'],
] as const

/** Bones between joints, in the order in which they are drawn. */
export const bones: readonly (readonly [from: number, to: number])[] = [
  ...([
    [1, 2],
    [1, 5],
    [2, 3],
    [3, 4],
    [5, 6],
    [6, 7],
    [1, 8],
    [8, 9],
    [9, 10],
  ] as const),
  ...([
    [1, 11],
    [11, 12],
    [12, 13],
    [1, 0],
    [0, 14],
    [14, 16],
    [0, 15],
    [15, 17],
  ] as const),
]

/** Colours of joints, and of bones by their place in that list, which are drawn at four fifths of their brightness. */
export const colours: readonly (readonly [red: number, green: number, blue: number])[] = [
  ...([
    [255, 0, 0],
    [255, 85, 0],
    [255, 170, 0],
    [255, 255, 0],
    [170, 255, 0],
    [85, 255, 0],
  ] as const),
  ...([
    [0, 255, 0],
    [0, 255, 85],
    [0, 255, 170],
    [0, 255, 255],
    [0, 170, 255],
    [0, 85, 255],
  ] as const),
  ...([
    [0, 0, 255],
    [85, 0, 255],
    [170, 0, 255],
    [255, 0, 255],
    [255, 0, 170],
    [255, 0, 85],
  ] as const),
]

/** The joint that each hangs on; the neck hangs on none. */
export const parents: readonly (number | undefined)[] = [
  1,
  undefined,
  1,
  2,
  3,
  1,
  5,
  6,
  1,
  8,
  9,
  1,
  11,
  12,
  0,
  0,
  14,
  15,
]

/** The same joint of the other side; those in the middle are their own. */
export const otherSides: readonly number[] = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16]

/** A joint and all that hang on it. */
export function branchOf(joint: number): number[] {
  const hangs = (each: number): boolean => each === joint || (parents[each] !== undefined && hangs(parents[each]))
  return parents.flatMap((_, each) => (hangs(each) ? [each] : []))
}

/** A joint that is seen. */
export const jointAt = (figure: Figure, joint: number): Joint | undefined => figure[joint] ?? undefined

/** Whether a figure can be drawn at all: at least two joints of a bone. */
export const isVisible = (figure: Figure): boolean =>
  bones.some(([from, to]) => jointAt(figure, from) !== undefined && jointAt(figure, to) !== undefined)
