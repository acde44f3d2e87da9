"""The values that Nautobot's types choose from."""

from __future__ import annotations

Choices = tuple[tuple[str, str], ...]


def _same(text: str) -> Choices:
    """Return choices whose labels are their values in words."""
    return tuple((value, value.replace("-", " ")) for value in text.split())


RACK_TYPES: Choices = (
    ("2-post-frame", "2-post frame"),
    ("4-post-frame", "4-post frame"),
    ("4-post-cabinet", "4-post cabinet"),
    ("wall-frame", "Wall-mounted frame"),
    ("wall-cabinet", "Wall-mounted cabinet"),
)
RACK_WIDTHS = (10, 19, 21, 23)
FACES: Choices = (("front", "Front"), ("rear", "Rear"))
INTERFACE_MODES: Choices = (
    ("access", "Access"),
    ("tagged", "Tagged"),
    ("tagged-all", "Tagged (all)"),
)
NETWORK_DRIVERS = _same(
    "arista_eos aruba_aoscx cisco_aireos cisco_asa cisco_ios cisco_nxos cisco_xe"
    " cisco_xr checkpoint_gaia dell_os10 f5_tmsh fortinet hp_comware hp_procurve huawei"
    " juniper_junos linux mikrotik_routeros nokia_sros paloalto_panos ruckus_fastiron"
    " vyos"
)
VIRTUAL_INTERFACE_TYPES = ("virtual", "bridge", "lag", "tunnel")
INTERFACE_TYPES: Choices = (
    ("virtual", "Virtual"),
    ("bridge", "Bridge"),
    ("lag", "Link aggregation group"),
    ("tunnel", "Tunnel"),
    *_same(
        "100base-tx 1000base-t 2.5gbase-t 5gbase-t 10gbase-t 10gbase-cx4"
        " 100base-x-sfp 1000base-x-gbic 1000base-x-sfp 10gbase-x-sfpp 10gbase-x-xfp"
        " 10gbase-x-xenpak 10gbase-x-x2 25gbase-x-sfp28 40gbase-x-qsfpp"
        " 50gbase-x-sfp28 50gbase-x-sfp56 100gbase-x-cfp 100gbase-x-cfp2"
        " 100gbase-x-cfp4 100gbase-x-cpak 100gbase-x-qsfp28 200gbase-x-cfp2"
        " 200gbase-x-qsfp56 400gbase-x-osfp 400gbase-x-qsfpdd 800gbase-x-osfp"
        " 800gbase-x-qsfpdd ieee802.11a ieee802.11g ieee802.11n ieee802.11ac"
        " ieee802.11ad ieee802.11ax ieee802.15.1 gsm cdma lte sonet-oc3 sonet-oc12"
        " sonet-oc48 sonet-oc192 sonet-oc768 sonet-oc1920 sonet-oc3840 1gfc-sfp"
        " 2gfc-sfp 4gfc-sfp 8gfc-sfpp 16gfc-sfpp 32gfc-sfp28 64gfc-qsfpp"
        " 128gfc-qsfp28 infiniband-sdr infiniband-ddr infiniband-qdr"
        " infiniband-fdr10 infiniband-fdr infiniband-edr infiniband-hdr"
        " infiniband-ndr infiniband-xdr t1 e1 t3 e3 xdsl docsis gpon xg-pon xgs-pon"
        " ng-pon2 epon 10g-epon cisco-stackwise cisco-stackwise-plus cisco-flexstack"
        " cisco-flexstack-plus cisco-stackwise-80 cisco-stackwise-160"
        " cisco-stackwise-320 cisco-stackwise-480 cisco-stackwise-1t juniper-vcp"
        " extreme-summitstack extreme-summitstack-128 extreme-summitstack-256"
        " extreme-summitstack-512 other"
    ),
)
