import { Eye, EyeOff } from 'lucide-react'
import { Switch } from 'radix-ui'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import type { DatasetPicture } from '../state/api.ts'
import { changePictures } from '../state/teach.ts'

/** Leaves pictures out, or learns from them again where all of them are left out. */
export function LeaveOut({ pictures }: { pictures: readonly DatasetPicture[] }) {
  const areOut = pictures.every(({ isLeftOut }) => isLeftOut)
  const it = pictures.length === 1 ? 'it' : 'them'
  return (
    <IconButton
      small
      label={areOut ? t('Learn from {it} again', { it }) : t('Leave {it} out', { it })}
      on={areOut}
      onClick={() => void changePictures(numbersOf(pictures), { isLeftOut: !areOut })}
      data-testid="leave-out"
    >
      {areOut ? <Eye size={16} strokeWidth={1.5} /> : <EyeOff size={16} strokeWidth={1.5} />}
    </IconButton>
  )
}

interface MarkProps {
  readonly pictures: readonly DatasetPicture[]
  readonly name: 'mayFlip' | 'isClassImage'
  readonly label: string
}

/** Something that holds of pictures or does not; on where it holds of all. */
export function Mark({ pictures, name, label }: MarkProps) {
  const id = `teach-${name}`
  return (
    <div className="sw-row">
      <label htmlFor={id}>{label}</label>
      <Switch.Root
        id={id}
        className="sw"
        checked={pictures.every(picture => picture[name])}
        onCheckedChange={next => void changePictures(numbersOf(pictures), { [name]: next })}
      >
        <Switch.Thumb />
      </Switch.Root>
    </div>
  )
}

const numbersOf = (pictures: readonly DatasetPicture[]): number[] => pictures.map(({ number }) => number)
