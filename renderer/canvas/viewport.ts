/** Where the canvas is seen from: a point p of the document stands at p * scale + (x, y) on the screen, in CSS pixels. */
export interface View {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** A size, made to fit into a square; it grows no larger. @param longest side, in pixels */
export function sizeWithin({ width, height }: Size, longest: number): Size {
  const share = Math.min(1, longest / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) }
}

/** What the floats cover at each edge, in CSS pixels. */
export interface Insets {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

/** The largest documents are seen as a whole in a small window. */
export const SMALLEST_SCALE = 0.02
export const LARGEST_SCALE = 30

export const clampScale = (scale: number): number => Math.min(LARGEST_SCALE, Math.max(SMALLEST_SCALE, scale))

/** Centres the content in the space that the floats leave, as large as it goes there; at least 64 pixels are used however
 *  little is left. `limit` caps the height as a share of the whole stage. */
export function fitInto(content: Size, stage: Size, insets: Insets, limit = 1): View {
  const width = Math.max(64, stage.width - insets.left - insets.right)
  const height = Math.max(64, stage.height - insets.top - insets.bottom)
  const cap = Math.max(64, stage.height * limit)
  const scale = clampScale(Math.min(width / content.width, Math.min(height, cap) / content.height))
  return centred(content, { width, height }, insets, scale)
}

/** Centres the content at a given scale. */
export function centred(content: Size, space: Size, insets: Pick<Insets, 'left' | 'top'>, scale: number): View {
  return {
    scale,
    x: Math.round(insets.left + (space.width - content.width * scale) / 2),
    y: Math.round(insets.top + (space.height - content.height * scale) / 2),
  }
}

/** Changes the scale so that what is under `point` (on the screen) stays there. */
export function zoomAt(view: View, point: Point, scale: number): View {
  const next = clampScale(scale)
  const ratio = next / view.scale
  return { scale: next, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio }
}

/** Ten percent of the current value for a full notch of a wheel (100 units), less for the small steps of a trackpad. */
export const wheelFactor = (delta: number): number => 1.1 ** (-Math.max(-300, Math.min(300, delta)) / 100)

export const panBy = (view: View, dx: number, dy: number): View => ({ ...view, x: view.x + dx, y: view.y + dy })

/** Between two views, for a short move; `share` from 0 to 1. */
export const between = (a: View, b: View, share: number): View => ({
  scale: a.scale * (b.scale / a.scale) ** share,
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
})

/** The rectangle that a part of the document takes on the screen. */
export const onScreen = ({ x, y, width, height }: Point & Size, view: View) => ({
  left: view.x + x * view.scale,
  top: view.y + y * view.scale,
  width: width * view.scale,
  height: height * view.scale,
})

/** The point of the document that stands at a point of the screen. */
export const toDocument = (point: Point, view: View): Point => ({
  x: (point.x - view.x) / view.scale,
  y: (point.y - view.y) / view.scale,
})
