import { z } from 'zod'
import { Problem } from '../../problem.ts'
import { type Figure, isVisible, type Joint } from './figure.ts'

const file = z.object({
  people: z.array(z.object({ pose_keypoints_2d: z.array(z.number()).nullish() })).max(1000),
  canvas_width: z.number().positive().nullish(),
  canvas_height: z.number().positive().nullish(),
})

interface Size {
  readonly width: number
  readonly height: number
}

/** Joints of OpenPose's body of 25, in the order of 18. */
const ofBody25 = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]

/** Figures of an OpenPose file, of bodies of 18 joints or of 25, in pixels or in shares of the picture.
 *  @param size of the picture that they are brought to; the file's canvas is stretched onto it
 *  @throws Problem POSE_FILE */
export function readOpenPose(text: string, size: Size, name = 'The file'): Figure[] {
  const { data } = file.safeParse(parsed(text))
  if (data === undefined) throw unreadable(`${name} holds no poses as OpenPose writes them`)
  const figures = data.people.map(({ pose_keypoints_2d: numbers }) => jointsOf(numbers ?? [], name)).filter(isVisible)
  if (figures.length === 0) throw unreadable(`${name} holds no figure with a visible bone`)
  const all = figures.flat().filter(joint => joint !== null)
  // The web UIs write shares of the picture.
  const isShare = all.every(({ x, y }) => Math.abs(x) <= 1.5 && Math.abs(y) <= 1.5)
  const { canvas_width: width, canvas_height: height } = data
  const [across, down] = isShare
    ? [size.width, size.height]
    : [size.width / (width ?? size.width), size.height / (height ?? size.height)]
  return figures.map(figure => figure.map(joint => joint && { x: joint.x * across, y: joint.y * down }))
}

function jointsOf(numbers: readonly number[], name: string): Figure {
  const count = numbers.length / 3
  if (count !== 18 && count !== 25)
    throw unreadable(`${name} has a figure of ${count} joints, where 18 or 25 are known`)
  const all = Array.from({ length: count }, (_, k): Joint | null => {
    const [x, y, sure] = numbers.slice(3 * k, 3 * k + 3)
    return sure > 0 ? { x, y } : null
  })
  return count === 18 ? all : ofBody25.map(joint => all[joint])
}

/** Figures as OpenPose writes them. @param size of their picture */
export const writeOpenPose = (figures: readonly Figure[], { width, height }: Size): string =>
  `${JSON.stringify(
    {
      people: figures.map(figure => ({
        pose_keypoints_2d: figure.flatMap(joint =>
          joint === null ? [0, 0, 0] : [rounded(joint.x), rounded(joint.y), 1],
        ),
      })),
      canvas_width: width,
      canvas_height: height,
    },
    undefined,
    2,
  )}\n`

const rounded = (value: number): number => Math.round(value * 100) / 100

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unreadable = (what: string): Problem =>
  new Problem('POSE_FILE', `${what}.`, {
    hint: 'Choose a JSON file of OpenPose, with "people" and their "pose_keypoints_2d".',
  })
