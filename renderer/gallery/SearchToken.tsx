import { X } from 'lucide-react'
import { t } from '../language/language.ts'
import { blobUrl } from '../state/api.ts'
import { dropToken, useGallery } from '../state/gallery.ts'
import { colourWords } from './Colours.tsx'

/** A part of the search that stands by itself: words of an operator, a colour, or the picture that others are to be like. */
export function SearchToken({ token }: { token: string }) {
  const { face, words } = useFace(token)
  return (
    <span className="token">
      {face}
      {words}
      <button type="button" aria-label={t('Remove {token}', { token: words })} onClick={() => dropToken(token)}>
        <X size={12} strokeWidth={1.5} aria-hidden="true" />
      </button>
    </span>
  )
}

function useFace(token: string) {
  const likened = useGallery(state => state.likened)
  const [kind, value = ''] = token.split(/:(.*)/s)
  if (kind === 'colour') {
    return { face: <span className="token-colour" style={{ background: value }} />, words: colourWords(value) }
  }
  if (kind === 'similar') {
    const face = likened?.id === value && <img className="token-picture" src={blobUrl(likened.hash)} alt="" />
    return { face, words: t('Similar pictures') }
  }
  return { face: null, words: token }
}
