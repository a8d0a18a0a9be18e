import { useEffect, useMemo, useState } from 'react'
import { Group, Image as KonvaImage, Line } from 'react-konva'
import type { Image } from '../state/api.ts'
import { useUi } from '../state/ui.ts'
import { editOf, useWordEdit } from '../state/word-edit.ts'
import { looksOf, useWordLooks } from '../state/word-looks.ts'
import { outlines } from './painting/outline.ts'
import { brightest, shadeCanvas } from './spotlight.ts'
import { usePicture } from './use-picture.ts'
import type { Size } from './viewport.ts'

interface Props {
  readonly picture: Image
  readonly size: Size
  readonly x?: number
}

/** Over a picture whose words are edited: where a word looks stays bright, and a line is around what an edit is held to. */
export function WordLooks({ picture, size, x = 0 }: Props) {
  const isOpen = useUi(state => state.panel === 'words')
  const looks = useWordLooks(state => looksOf(state, picture))
  const pointed = useWordLooks(state => state.pointed)
  useWordEdit() // what is drawn here follows it
  const { open, changes, onlyThere, above } = editOf(picture)
  if (!isOpen || looks === undefined) return null
  const lit = looks.maps[pointed ?? open ?? -1]
  const held = onlyThere ? Object.keys(changes).flatMap(chip => looks.maps[Number(chip)] ?? []) : []
  return (
    <Group x={x}>
      {lit !== undefined && <Lit url={lit} size={size} />}
      {held.length > 0 && <Held urls={held} above={above} size={size} />}
    </Group>
  )
}

function Lit({ url, size }: { readonly url: string; readonly size: Size }) {
  const { picture } = usePicture(url)
  const shade = useMemo(() => picture && shadeCanvas(picture.image), [picture])
  return shade === undefined ? null : <KonvaImage image={shade} width={size.width} height={size.height} />
}

/** Around the places that some of the words look at more than `above` of the most. */
function Held({
  urls,
  above,
  size,
}: {
  readonly urls: readonly string[]
  readonly above: number
  readonly size: Size
}) {
  const map = useBrightest(urls)
  const lines = useMemo(() => {
    if (map === undefined) return []
    const data = map.data.map(value => (value > above * 255 ? 255 : 0))
    const [across, down] = [size.width / map.width, size.height / map.height]
    return outlines({ ...map, x: 0, y: 0, data }).map(line => line.flatMap(({ x, y }) => [x * across, y * down]))
  }, [map, above, size.width, size.height])
  return lines.map((points, k) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names
    <Group key={k}>
      <Line points={points} closed stroke="rgb(0 0 0 / 0.65)" strokeWidth={3} strokeScaleEnabled={false} />
      <Line points={points} closed stroke="#fff" strokeWidth={1.5} strokeScaleEnabled={false} />
    </Group>
  ))
}

function useBrightest(urls: readonly string[]): ReturnType<typeof brightest> | undefined {
  const key = urls.join(' ')
  const [map, setMap] = useState<ReturnType<typeof brightest>>()
  useEffect(() => {
    let isCurrent = true
    const images = key.split(' ').map(url => Object.assign(new globalThis.Image(), { src: url }))
    Promise.all(images.map(image => image.decode())).then(
      () => isCurrent && setMap(brightest(images)),
      () => {}, // a map that is gone has no line
    )
    return () => {
      isCurrent = false
    }
  }, [key])
  return map
}
