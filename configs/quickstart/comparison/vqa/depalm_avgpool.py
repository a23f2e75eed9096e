_base_ = ['../../../_base_/stamps_vqa.py', '../../../_base_/methods/depalm_avgpool.py']
