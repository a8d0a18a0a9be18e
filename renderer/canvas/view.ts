import { create } from 'zustand'
import type { Rectangle } from './raster/rectangle.ts'
import { between, centred, fitInto, type Insets, type Point, panBy, type Size, type View, zoomAt } from './viewport.ts'

export interface ViewState {
  readonly view: View
  /** The content follows the window until somebody zooms or pans. */
  readonly fitted: boolean
  readonly stage: Size
  /** Width 0 until the model has said its size. */
  readonly content: Rectangle
  readonly insets: Insets
  /** Largest share of the stage's height that fitting uses: an empty frame leaves room around it. */
  readonly limit: number
}

export const useView = create<ViewState>()(() => ({
  view: { scale: 1, x: 0, y: 0 },
  fitted: true,
  stage: { width: 0, height: 0 },
  content: { x: 0, y: 0, width: 0, height: 0 },
  insets: { top: 0, right: 0, bottom: 0, left: 0 },
  limit: 1,
}))

const MOVE = 220
let moving = 0

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/** Moves to a view in a short glide; at once where motion is not wanted. */
function glide(to: View): void {
  cancelAnimationFrame(moving)
  const from = useView.getState().view
  if (still() || (from.scale === to.scale && from.x === to.x && from.y === to.y)) {
    useView.setState({ view: to })
    return
  }
  const start = performance.now()
  const frame = (now: number) => {
    const share = Math.min(1, Math.max(0, (now - start) / MOVE))
    useView.setState({ view: share === 1 ? to : between(from, to, 1 - (1 - share) ** 3) })
    if (share < 1) moving = requestAnimationFrame(frame)
  }
  moving = requestAnimationFrame(frame)
}

const fitting = ({ content, stage, insets, limit }: ViewState) => at(content, fitInto(content, stage, insets, limit))

/** A view of something at the origin, moved to where it lies. */
const at = ({ x, y }: Point, view: View): View => ({ ...view, x: view.x - x * view.scale, y: view.y - y * view.scale })

/** What the view must follow has changed. The first picture and a resized window are shown at once; another picture glides. */
export function arrange(change: Partial<Pick<ViewState, 'stage' | 'content' | 'insets' | 'limit'>>): void {
  const before = useView.getState()
  useView.setState(change)
  const now = useView.getState()
  if (!now.fitted || now.stage.width === 0 || now.content.width === 0) return
  const atOnce = change.stage !== undefined || before.stage.width === 0 || before.content.width === 0
  if (!atOnce) glide(fitting(now))
  else {
    cancelAnimationFrame(moving)
    useView.setState({ view: fitting(now) })
  }
}

export function fitView(): void {
  useView.setState({ fitted: true })
  glide(fitting(useView.getState()))
}

const middle = ({ stage, insets }: ViewState): Point => ({
  x: insets.left + (stage.width - insets.left - insets.right) / 2,
  y: insets.top + (stage.height - insets.top - insets.bottom) / 2,
})

/** One pixel of the picture is one pixel of the screen. */
export function actualSize(): void {
  const { content, stage, insets } = useView.getState()
  const space = { width: stage.width - insets.left - insets.right, height: stage.height - insets.top - insets.bottom }
  useView.setState({ fitted: false })
  glide(at(content, centred(content, space, insets, 1)))
}

/** Zooms around a point of the screen, or the middle of the free space. */
export function zoomBy(factor: number, point?: Point): void {
  cancelAnimationFrame(moving)
  useView.setState(state => ({
    fitted: false,
    view: zoomAt(state.view, point ?? middle(state), state.view.scale * factor),
  }))
}

/** Shows a rectangle of the document as large as it goes. */
export function lookAt({ x, y, width, height }: Point & Size): void {
  if (width <= 0 || height <= 0) return
  const { stage, insets } = useView.getState()
  useView.setState({ fitted: false })
  glide(at({ x, y }, fitInto({ width, height }, stage, insets)))
}

export function pan(dx: number, dy: number): void {
  cancelAnimationFrame(moving)
  useView.setState(state => ({ fitted: false, view: panBy(state.view, dx, dy) }))
}
