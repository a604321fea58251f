import type { Schemas } from '@/api/client'
import { IconBrandWhatsapp, IconMail, IconMessage, IconPhone } from '@/ui'

const icons = { voice: IconPhone, email: IconMail, sms: IconMessage, whatsapp: IconBrandWhatsapp }

/** A channel's sign. Whoever cannot see it is told elsewhere. */
export function ChannelIcon({ of, size = 18 }: { of: Schemas['CampaignView']['channel']; size?: number }) {
  const Icon = icons[of]
  return <Icon size={size} stroke={1.7} aria-hidden style={{ flex: 'none' }} />
}
