import { blurred } from './blur.ts'
import { type Tensor, tensor } from './tensor.ts'

/** Standard deviation of the blur at the first level, as a share of the object's size; each further one adds as much. */
const DEVIATION = 0.05
/** Standard deviations that the kernel reaches. */
const REACH = 3
/** What a place keeps of the blurred mask, at least, to be in the coarse one: its outline moves out by 1.6 standard deviations along a straight edge. */
const THRESHOLD = 0.05

/** A mask of less precision (SmartBrush, Xie et al. 2023, arXiv:2212.05034, "shape precision control": m_s = GaussianBlur(m, k_s, sigma_s) for s of 0 to
 *  S; m_0 is the object's own mask, m_S its box). Two things are ours: the blur is as wide as the object's size asks for, so that levels mean the same
 *  in pictures of any size (sigma_s = s / 20 of the root of the box's area, k_s = 2 ceil(3 sigma_s) + 1), and what is blurred is cut at 1 / 20 again, since
 *  masks that people paint are hard; so every coarse mask holds the whole object.
 *  @param mask [1, 1, height, width] of 0 and 1, as a rule in latents  @param level s  @param last S, 1 or more
 *  @returns of the same shape, of 0 and 1; a mask that marks nothing stays so */
export function coarseMask(mask: Tensor, level: number, last: number): Tensor {
  const box = boxOf(mask)
  if (level === 0 || box === undefined) return mask
  const [, , , width] = mask.shape
  const { left, top, right, bottom } = box
  if (level === last) {
    const isInside = (x: number, y: number) => x >= left && x < right && y >= top && y < bottom
    return tensor(
      mask.shape,
      mask.data.map((_, k) => Number(isInside(k % width, Math.floor(k / width)))),
    )
  }
  const deviation = DEVIATION * level * Math.sqrt((right - left) * (bottom - top))
  const soft = blurred(mask, { reach: Math.ceil(REACH * deviation), deviation })
  return tensor(
    mask.shape,
    soft.data.map((value, k) => Number(value > THRESHOLD || mask.data[k] > 0)),
  )
}

/** The box of what a mask marks, right and bottom outside. */
function boxOf({ shape: [, , height, width], data }: Tensor) {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (const [k, value] of data.entries()) {
    if (value === 0) continue
    const [x, y] = [k % width, Math.floor(k / width)]
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = y + 1
  }
  return right === 0 ? undefined : { left, top, right, bottom }
}
