import Konva from 'konva'
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Group, Image as KonvaImage, Layer, Rect, Stage } from 'react-konva'
import { blobUrl, type Image } from '../state/api.ts'
import { useStudio } from '../state/studio.ts'
import { looksOf, useWordLooks } from '../state/word-looks.ts'
import { differenceCanvas } from './difference.ts'
import { doubled } from './doubled.ts'
import type { Rectangle } from './raster/rectangle.ts'
import type { Scene } from './scene.ts'
import { type Picture, usePicture } from './use-picture.ts'
import type { Size, View } from './viewport.ts'
import { WordLooks } from './WordLooks.tsx'

interface Props {
  readonly stage: Size
  readonly view: View
  readonly scene: Scene
  readonly size: Size
  /** Where it stands, in document pixels. */
  readonly frame: Rectangle
  readonly side: boolean
  readonly gap: number
  /** The document has layers: what was accepted is one of them. */
  readonly isCovered: boolean
}

/** How much is left of the last preview under a message about a run that was stopped. */
const FAINT = 0.28

/** Draws what the frame shows. Konva only draws: nothing is read back from it. */
export const Pictures = memo(function Pictures({ stage, view, scene, size, frame, side, gap, isCovered }: Props) {
  const layer = useRef<Konva.Layer>(null)
  const scale = size.width === 0 ? 0 : (view.scale * frame.width) / size.width
  useEffect(() => {
    const context = layer.current?.getCanvas().getContext()._context
    // Small models are looked at enlarged: the browser's best filter, not its fastest.
    if (context !== undefined) context.imageSmoothingQuality = 'high'
  })
  // A stage that shows nothing would be one more picture to lay over the others in each frame of a stroke.
  const isLit = useIsLit(scene)
  if (scene.kind === 'empty' || scene.kind === 'painted' || (scene.kind === 'picture' && isCovered && !isLit))
    return null
  return (
    <Stage width={stage.width} height={stage.height} listening={false} aria-hidden="true">
      <Layer ref={layer} listening={false}>
        <Group x={view.x + frame.x * view.scale} y={view.y + frame.y * view.scale} scaleX={scale} scaleY={scale}>
          <Shown scene={scene} size={size} side={side} gap={gap} isCovered={isCovered} />
        </Group>
      </Layer>
    </Stage>
  )
})

/** Whether something is known of where the words of a picture look. */
const useIsLit = (scene: Scene): boolean =>
  useWordLooks(state => scene.kind === 'picture' && looksOf(state, scene.picture) !== undefined)

function Shown({ scene, size, side, gap, isCovered }: Omit<Props, 'stage' | 'view' | 'frame'>) {
  const seeingBefore = useStudio(state => state.seeingBefore)
  switch (scene.kind) {
    case 'work':
    case 'stopped':
      return <Work scene={scene} size={size} isCovered={isCovered} />
    case 'refused':
      return isCovered ? null : <Faded url={scene.before && blobUrl(scene.before.hash)} size={size} opacity={FAINT} />
    case 'picture':
      return (
        <>
          {!isCovered && <Settled url={blobUrl(scene.picture.hash)} size={size} />}
          <WordLooks picture={scene.picture} size={size} />
        </>
      )
    case 'results': {
      if (scene.other === undefined) return <Single picture={scene.picture} size={size} />
      const [shown, other] = seeingBefore ? [scene.other, scene.picture] : [scene.picture, scene.other]
      return <Compared shown={shown} other={other} size={size} side={side} gap={gap} />
    }
    default:
      return null
  }
}

const drawn = (picture: Picture, size: Size) => ({ image: picture.image, width: size.width, height: size.height })

function Faded({ url, size, opacity }: { url: string | undefined; size: Size; opacity: number }) {
  const { picture } = usePicture(url)
  return picture === undefined ? null : <KonvaImage {...drawn(picture, size)} opacity={opacity} />
}

/** What stood in the frame last: the next picture comes over it. There is one stage in the window. */
const last: { picture?: Picture } = {}

interface WorkProps {
  readonly scene: Extract<Scene, { kind: 'work' | 'stopped' }>
  readonly size: Size
  readonly isCovered: boolean
}

/** The live preview, on the faint picture from before until the first one comes. */
function Work({ scene, size, isCovered }: WorkProps) {
  const watched = useStudio(state => state.watched)
  const previews = scene.progress?.previews
  const { picture } = usePicture(previews?.[watched ?? previews.length - 1] ?? previews?.at(-1))
  const { width, height } = size
  useEffect(() => {
    last.picture = scene.kind === 'work' ? picture : undefined
  }, [picture, scene.kind])
  const smooth = useMemo(() => picture && doubled(picture.image, { width, height }), [picture, width, height])
  const opacity = scene.kind === 'stopped' ? FAINT : 1
  if (smooth !== undefined) return <KonvaImage image={smooth} width={width} height={height} opacity={opacity} />
  return isCovered ? null : <Faded url={scene.before && blobUrl(scene.before.hash)} size={size} opacity={FAINT} />
}

const FADE = 0.4
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/** A finished picture. It fades in over its own preview; going from one result to another is a cut, so that they can be
 *  told apart. Until it is decoded, what was there stays. */
function Settled({ url, size }: { url: string; size: Size }) {
  const { picture } = usePicture(url)
  const [under] = useState(last.picture)
  const node = useRef<Konva.Image>(null)
  useLayoutEffect(() => {
    if (picture === undefined || node.current === null) return
    const fades = last.picture?.url.startsWith('data:') && !still()
    last.picture = picture
    if (!fades) return
    const fade = new Konva.Tween({ node: node.current, duration: FADE, opacity: 1 })
    node.current.opacity(0)
    fade.play()
    return () => fade.finish().destroy()
  }, [picture])
  return (
    <>
      {under !== undefined && <KonvaImage image={doubled(under.image, size)} width={size.width} height={size.height} />}
      {picture !== undefined && <KonvaImage ref={node} {...drawn(picture, size)} />}
    </>
  )
}

/** A picture alone, with what its words look at. */
const Single = ({ picture, size }: { picture: Image; size: Size }) => (
  <>
    <Settled url={blobUrl(picture.hash)} size={size} />
    <WordLooks picture={picture} size={size} />
  </>
)

interface ComparedProps {
  readonly shown: Image
  readonly other: Image
  readonly size: Size
  readonly side: boolean
  readonly gap: number
}

/** Two pictures: one, split at a line, side by side, or their difference. */
function Compared({ shown, other, size, side, gap }: ComparedProps) {
  const compare = useStudio(state => state.compare)
  const split = useStudio(state => state.split)
  const { picture } = usePicture(blobUrl(shown.hash))
  const { picture: partner } = usePicture(blobUrl(other.hash))
  if (compare === 'single') return <Single picture={shown} size={size} />
  if (picture === undefined || partner === undefined) return null
  if (side) {
    return (
      <>
        <KonvaImage {...drawn(partner, size)} />
        <KonvaImage {...drawn(picture, size)} x={size.width + gap} />
        <WordLooks picture={other} size={size} />
        <WordLooks picture={shown} size={size} x={size.width + gap} />
      </>
    )
  }
  if (compare === 'difference') return <Difference picture={picture} partner={partner} size={size} />
  return (
    <>
      <KonvaImage {...drawn(picture, size)} />
      <Group clipX={0} clipY={0} clipWidth={size.width * split} clipHeight={size.height}>
        <KonvaImage {...drawn(partner, size)} />
      </Group>
    </>
  )
}

function Difference({ picture, partner, size }: { picture: Picture; partner: Picture; size: Size }) {
  const gain = useStudio(state => state.gain)
  const canvas = useMemo(() => differenceCanvas(picture.image, partner.image, gain), [picture, partner, gain])
  return (
    <>
      <Rect width={size.width} height={size.height} fill="black" />
      <KonvaImage image={canvas} width={size.width} height={size.height} />
    </>
  )
}
